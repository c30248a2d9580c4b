import { createServer } from 'node:http'
import Router from '@koa/router'
import jwksRsa from 'jwks-rsa'
import Koa from 'koa'
import jwt from 'koa-jwt'
import { AUDIENCE, ISSUER, PATH, ROLES, task } from '../contract.mjs'

/** koa-jwt with jwks-rsa, its key cache and its rate limit on. */
export function build({ jwksUri }) {
  const router = new Router()
  router.get(PATH, requireRole, async (ctx) => {
    ctx.body = task(ctx.params.id, ctx.state.user)
  })
  const secret = jwksRsa.koaJwtSecret({ jwksUri, cache: true, rateLimit: true, jwksRequestsPerMinute: 5 })
  const app = new Koa().use(jwt({ secret, audience: AUDIENCE, issuer: ISSUER, algorithms: ['RS256'] }))
  return createServer(app.use(router.routes()).callback())
}

function requireRole(ctx, next) {
  if (!ROLES.includes(ctx.state.user.role)) ctx.throw(403)
  return next()
}
