import { startChild } from './child.mjs'

/** Who is measured, by the letters of the table. `tokens` is how many distinct ones the client cycles through. */
export const BARE = { name: 'bare', title: '(a) koa + @koa/router, no security' }

export const OURS = { name: 'ours', title: '(b) ours, one repeated token', tokens: 1 }

export const OURS_ROTATING = [
  { name: 'ours', title: '(c) ours, 1,000 rotating tokens', tokens: 1_000 },
  { name: 'ours', title: '(c) ours, 100,000 rotating tokens', tokens: 100_000 },
]

export const OURS_UNCACHED = {
  name: 'ours',
  title: '(d) ours, cache off',
  tokens: 1_000,
  settings: { tokenCacheSize: 0 },
}

/** Every request meets five requirements in place of one. */
export const OURS_FIVE = { name: 'ours', title: 'ours, five requirements', tokens: 1, settings: { requirements: 5 } }

export const PEERS = [
  { name: 'koa-jwt', title: '(e) koa-jwt + jwks-rsa', tokens: 1 },
  { name: 'express', title: '(f) express + express-oauth2-jwt-bearer', tokens: 1 },
  { name: 'fastify', title: '(g) fastify + @fastify/jwt (token cache) + get-jwks', tokens: 1 },
  { name: 'jose-by-hand', title: '(h) koa + jose by hand', tokens: 1 },
]

/** Starts a subject, in a process of its own, against the local issuer. `settings` go to ours only. */
export function startSubject({ name, settings }, issuer, { routes = 1, execArgv = [] } = {}) {
  const told = { ...settings, routes, jwksUri: `${issuer.origin}/${name}/jwks` }
  return startChild('serve.mjs', [name, JSON.stringify(told)], { execArgv })
}
