/** Nobody has created such a task, or it has been removed. Koa answers with the status it carries. */
export class TaskNotFoundError extends Error {
  override readonly name = 'TaskNotFoundError'
  readonly status = 404
  readonly expose = true

  constructor() {
    super('No such task')
  }
}
