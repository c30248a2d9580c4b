import { createServer } from 'node:http'
import Router from '@koa/router'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import Koa from 'koa'
import { AUDIENCE, ISSUER, PATH, ROLES, task } from '../contract.mjs'

/** What one writes with Koa and jose alone. */
export function build({ jwksUri }) {
  const router = new Router()
  router.get(PATH, authenticate(createRemoteJWKSet(new URL(jwksUri))), requireRole, async (ctx) => {
    ctx.body = task(ctx.params.id, ctx.state.claims)
  })
  return createServer(new Koa().use(router.routes()).callback())
}

function authenticate(keys) {
  const expected = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['RS256'] }
  return async (ctx, next) => {
    ctx.state.claims = await verified(ctx.get('authorization'), keys, expected)
    if (ctx.state.claims === undefined) ctx.throw(401)
    await next()
  }
}

async function verified(authorization, keys, expected) {
  if (!authorization.startsWith('Bearer ')) return undefined
  try {
    const { payload } = await jwtVerify(authorization.slice('Bearer '.length), keys, expected)
    return payload
  } catch {
    return undefined
  }
}

async function requireRole(ctx, next) {
  if (!ROLES.includes(ctx.state.claims.role)) ctx.throw(403)
  await next()
}
