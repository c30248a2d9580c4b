import type { IdentityEnvelope } from 'inversify-koa-auth'

/** The present second. */
export const now = (): number => Math.floor(Date.now() / 1000)

/** A day from now: what is good until then is good for as long as any run of the tests takes. */
export const tomorrow = (): number => now() + 86_400

/** Ann's envelope, made just now and good for five minutes. */
export function envelope(members: Partial<IdentityEnvelope> = {}): IdentityEnvelope {
  return {
    v: 1,
    sub: 'ann',
    roles: ['manager', 'user'],
    groups: ['staff'],
    scopes: ['orders:*'],
    scopeWildcards: true,
    permissions: ['orders.read'],
    tenant: 'acme',
    clientId: 'web',
    issuer: 'https://issuer.test',
    issuedAt: now(),
    expiresAt: now() + 300,
    ...members,
  }
}
