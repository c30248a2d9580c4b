import { expect } from 'chai'
import type { JWTPayload } from 'jose'
import { describe, it } from 'mocha'
import { ClaimRoleResolver } from '../../src/authorization/claim-role-resolver.js'
import { claimRoleResolver } from '../../src/authorization/issuer-role-resolver.js'
import { claimAt } from '../../src/tokens/claim-at.js'
import { toTokenClaims } from '../../src/tokens/token-claims.js'

describe('a claim path', () => {
  const claims = JSON.parse(`{
    "role": "admin",
    "https://example.com/roles": ["a"],
    "realm_access": { "roles": ["b"], "deep": { "er": 1 } },
    "realm_access.roles": "the whole name",
    "empty": null,
    "list": ["x", ["y"]],
    "text": "abc",
    "": "nameless",
    "gone": { "": { "x": 5 } },
    "resource_access": { "my.app": { "roles": ["c"] }, "a/b": { "~": "d", "~1": "e" } },
    "/whole": "name",
    "/": { "": "slash" },
    "__proto__": { "role": "forged" }
  }`) as Record<string, unknown>

  for (const { path, value } of [
    { path: 'role', value: 'admin' },
    { path: 'https://example.com/roles', value: ['a'] },
    { path: 'realm_access.roles', value: 'the whole name' },
    { path: 'realm_access.deep.er', value: 1 },
    { path: 'realm_access.deep', value: { er: 1 } },
    { path: 'list.0', value: 'x' },
    { path: 'list.1.0', value: 'y' },
    { path: '', value: 'nameless' },
    { path: 'gone..x', value: 5 },
    { path: 'empty', value: null },
    { path: '__proto__.role', value: 'forged' },
    { path: '/resource_access/my.app/roles', value: ['c'] },
    { path: '/resource_access/my.app/roles/0', value: 'c' },
    { path: '/resource_access/a~1b/~0', value: 'd' },
    { path: '/resource_access/a~1b/~01', value: 'e' },
    { path: '/role', value: 'admin' },
    { path: '/whole', value: 'name' },
    { path: '/', value: { '': 'slash' } },
    { path: '/~1/', value: 'slash' },
    { path: '/gone//x', value: 5 },
    { path: '/https:~1~1example.com~1roles', value: ['a'] },
    { path: '/realm_access.roles', value: 'the whole name' },
    { path: '/realm_access.deep', value: undefined },
    { path: '/list/-', value: undefined },
    { path: '/list/00', value: undefined },
    { path: '/role/length', value: undefined },
    { path: '/constructor/name', value: undefined },
    { path: '/__proto__/role', value: 'forged' },
    { path: '//', value: undefined },
    { path: 'resource_access.my.app.roles', value: undefined },
    { path: 'empty.x', value: undefined },
    { path: 'text.0', value: undefined },
    { path: 'text.length', value: undefined },
    { path: 'role.x', value: undefined },
    { path: 'nothing', value: undefined },
    { path: 'nothing.at.all', value: undefined },
    { path: 'realm_access.', value: undefined },
    { path: '.role', value: undefined },
    { path: 'constructor', value: undefined },
    { path: 'constructor.name', value: undefined },
    { path: 'toString', value: undefined },
    { path: 'realm_access.constructor.name', value: undefined },
    { path: 'realm_access.__proto__', value: undefined },
  ]) {
    it(`${JSON.stringify(path)} leads to ${JSON.stringify(value)}`, () => {
      expect(claimAt(claims, path)).to.deep.equal(value)
    })
  }

  it('__proto__ leads nowhere where the token has no such claim', () => {
    expect(claimAt({ role: 'admin' }, '__proto__')).to.equal(undefined)
    expect(claimAt({ role: 'admin' }, '__proto__.constructor')).to.equal(undefined)
  })
})

describe('the roles in a token', () => {
  const rolesAt = (paths: readonly string[], payload: object) =>
    new ClaimRoleResolver(paths).resolve(toTokenClaims({}), payload as JWTPayload)

  for (const { paths, payload, roles } of [
    { paths: ['role'], payload: { role: 'admin' }, roles: ['admin'] },
    { paths: ['role'], payload: { role: ['admin', 'editor'] }, roles: ['admin', 'editor'] },
    { paths: ['role'], payload: {}, roles: [] },
    { paths: [], payload: { role: 'admin' }, roles: [] },
    { paths: ['role'], payload: { role: '' }, roles: [] },
    { paths: ['role'], payload: { role: [] }, roles: [] },
    { paths: ['role'], payload: { role: ['', 'a', 5, null, ['b'], { c: 1 }, true] }, roles: ['a'] },
    { paths: ['role'], payload: { role: { admin: true } }, roles: [] },
    { paths: ['role'], payload: { role: 5 }, roles: [] },
    { paths: ['role'], payload: { role: null }, roles: [] },
    { paths: ['role'], payload: { role: 'admin editor' }, roles: ['admin editor'] },
    { paths: ['role'], payload: { role: ['a', 'b', 'a'] }, roles: ['a', 'b'] },
    { paths: ['role', 'roles'], payload: { role: 'a', roles: 'a' }, roles: ['a'] },
    { paths: ['role', 'roles'], payload: { role: '', roles: 'a' }, roles: ['a'] },
    { paths: ['role', 'roles'], payload: { role: 'a', roles: 5 }, roles: ['a'] },
    { paths: ['role', 'roles'], payload: { role: 5, roles: {} }, roles: [] },
    { paths: ['role', 'roles'], payload: { role: 'b', roles: ['a', 'b', 'c'] }, roles: ['b', 'a', 'c'] },
    { paths: ['realm_access.roles'], payload: { realm_access: { roles: ['a'] } }, roles: ['a'] },
    { paths: ['https://x.test/roles'], payload: { 'https://x.test/roles': ['a'] }, roles: ['a'] },
    { paths: ['a.b'], payload: { 'a.b': 'whole', a: { b: 'parts' } }, roles: ['whole'] },
    { paths: ['constructor.name', 'toString', '__proto__'], payload: {}, roles: [] },
  ]) {
    it(`at ${JSON.stringify(paths)} of ${JSON.stringify(payload)} are ${JSON.stringify(roles)}`, () => {
      expect(rolesAt(paths, payload)).to.deep.equal(roles)
    })
  }
})

describe('the roles of several issuers', () => {
  const acme = { issuer: 'https://acme.example', roleClaims: ['role'] }
  const beta = { issuer: 'https://beta.example', roleClaims: ['roles'] }
  const rolesOf = (issuers: readonly (typeof acme)[], iss: string) => {
    const claims = { iss, role: 'of acme', roles: ['of beta'] }
    return claimRoleResolver(issuers).resolve(toTokenClaims(claims), claims)
  }

  it('stand where the token says its issuer has them', () => {
    expect(rolesOf([acme, beta], acme.issuer)).to.deep.equal(['of acme'])
    expect(rolesOf([acme, beta], beta.issuer)).to.deep.equal(['of beta'])
  })

  it('are none for an issuer that is not among them', () => {
    expect(rolesOf([acme, beta], 'https://gamma.example')).to.deep.equal([])
  })

  it('stand in one place where there is one issuer', () => {
    expect(rolesOf([beta], beta.issuer)).to.deep.equal(['of beta'])
    expect(claimRoleResolver([beta])).to.be.instanceOf(ClaimRoleResolver)
    expect(claimRoleResolver([acme, beta])).not.to.be.instanceOf(ClaimRoleResolver)
  })
})
