import { inject } from 'inversify'
import { Controller, Get, RequiresRole } from 'inversify-koa-auth'
import { TaskService } from './task-service.js'

/** A rule on the class counts for every method in it. */
@Controller('/statistics')
@RequiresRole('admin')
export class StatisticsController {
  constructor(@inject(TaskService) private readonly tasks: TaskService) {}

  @Get()
  read() {
    const tasks = this.tasks.list()
    return { total: tasks.length, done: tasks.filter((task) => task.done).length }
  }
}
