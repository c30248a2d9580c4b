/** Whether something names a role: a string that isn't empty. */
export function isRoleName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
