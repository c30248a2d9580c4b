import type { IdentityEnvelope } from 'inversify-koa-auth'

/** The present second. */
export const now = (): number => Math.floor(Date.now() / 1000)

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
