import { startChild } from './child.mjs'

/** Who is measured. */
export const BARE = { name: 'bare', title: 'koa + @koa/router, no security' }

export const OURS = { name: 'ours', title: 'ours' }

export const OURS_UNCACHED = { name: 'ours', title: 'ours, cache off', settings: { tokenCacheSize: 0 } }

/** Every request meets five requirements in place of one. */
export const OURS_FIVE = { name: 'ours', title: 'ours, five requirements', settings: { requirements: 5 } }

export const KOA_JWT = { name: 'koa-jwt', title: 'koa-jwt + jwks-rsa' }
export const EXPRESS = { name: 'express', title: 'express + express-oauth2-jwt-bearer' }
export const FASTIFY = { name: 'fastify', title: 'fastify + @fastify/jwt (token cache) + get-jwks' }
export const JOSE = { name: 'jose-by-hand', title: 'koa + jose by hand' }

export const PEERS = [KOA_JWT, EXPRESS, FASTIFY, JOSE]

/** Starts a subject, in a process of its own, against the local issuer. `settings` go to ours only. */
export function startSubject({ name, settings }, issuer, { routes = 1, execArgv = [] } = {}) {
  const told = { ...settings, routes, jwksUri: `${issuer.origin}/${name}/jwks` }
  return startChild('serve.mjs', [name, JSON.stringify(told)], { execArgv })
}
