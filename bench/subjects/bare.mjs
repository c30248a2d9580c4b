import { createServer } from 'node:http'
import Router from '@koa/router'
import Koa from 'koa'
import { fillers, PATH, task } from '../contract.mjs'

const NOBODY = { sub: 'user-000000', org_id: 'org-000' }

/** Koa and its router without any security: what the others are compared with. */
export function build({ routes }) {
  const router = new Router()
  for (const { prefix, paths } of fillers(routes)) for (const { path } of paths) router.get(prefix + path, show)
  router.get(PATH, show)
  return createServer(new Koa().use(router.routes()).callback())
}

async function show(ctx) {
  ctx.body = task(ctx.params.id, NOBODY)
}
