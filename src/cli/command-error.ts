/** A command can't be carried out, for a reason that its user can do something about. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
