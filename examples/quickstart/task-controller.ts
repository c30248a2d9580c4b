import { inject } from 'inversify'
import {
  AllowAnonymous,
  Authenticated,
  Body,
  Controller,
  Delete,
  Get,
  Param,
  Post,
  Put,
  RequiresRole,
  SecurityContext,
  Status,
} from 'inversify-koa-auth'
import { z } from 'zod'
import { TaskService } from './task-service.js'

const NewTask = z.object({ title: z.string().trim().min(1).max(200) })

/** Who may call what. Without a decorator a method would ask for any valid token, too; saying so shows that it is meant. */
@Controller('/tasks')
export class TaskController {
  constructor(@inject(TaskService) private readonly tasks: TaskService) {}

  @Get('/health')
  @AllowAnonymous()
  health() {
    return { status: 'ok' }
  }

  @Get('/me')
  @Authenticated()
  me() {
    return SecurityContext.require()
  }

  @Get()
  @Authenticated()
  list() {
    return this.tasks.list()
  }

  @Post()
  @Status(201)
  @RequiresRole('editor', 'admin')
  create(@Body(NewTask) { title }: z.infer<typeof NewTask>) {
    return this.tasks.create(title)
  }

  @Put('/:id/done')
  @Authenticated()
  finish(@Param('id') id: string) {
    return this.tasks.finish(id)
  }

  @Delete('/:id')
  @RequiresRole('manager', 'admin')
  remove(@Param('id') id: string) {
    return this.tasks.remove(id)
  }
}
