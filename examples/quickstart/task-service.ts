import { injectable } from 'inversify'
import { SecurityContext } from 'inversify-koa-auth'
import { TaskNotFoundError } from './task-not-found-error.js'

export interface Task {
  readonly id: string
  readonly title: string
  /** The `sub` of whoever created it. */
  readonly owner: string
  readonly done: boolean
}

/**
 * The tasks, in memory.
 *
 * No method is told who is calling: `SecurityContext` knows, here as in any line that runs inside a
 * request. So the rules that depend on the data stand next to the data.
 */
@injectable()
export class TaskService {
  private readonly tasks = new Map<string, Task>()
  private lastId = 0

  constructor() {
    this.store('Water the plants', 'admin')
    this.store('Read the mail', 'viewer')
  }

  list(): readonly Task[] {
    return [...this.tasks.values()]
  }

  create(title: string): Task {
    return this.store(title, SecurityContext.require().sub)
  }

  /** Owners finish their own tasks; an admin finishes anybody's. */
  finish(id: string): Task {
    const task = this.find(id)
    if (task.owner !== SecurityContext.require().sub) SecurityContext.requireRole('admin')
    const finished = { ...task, done: true }
    this.tasks.set(id, finished)
    return finished
  }

  remove(id: string) {
    SecurityContext.requireRole('manager', 'admin')
    const { title } = this.find(id)
    this.tasks.delete(id)
    return { removed: title, by: SecurityContext.require().sub }
  }

  private store(title: string, owner: string): Task {
    this.lastId += 1
    const task = { id: String(this.lastId), title, owner, done: false }
    this.tasks.set(task.id, task)
    return task
  }

  private find(id: string): Task {
    const task = this.tasks.get(id)
    if (task === undefined) throw new TaskNotFoundError()
    return task
  }
}
