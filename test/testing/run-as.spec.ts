import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { ClaimRoleResolver } from '../../src/authorization/claim-role-resolver.js'
import { principalOf } from '../../src/authorization/principal-of.js'
import { RoleHierarchy } from '../../src/authorization/role-hierarchy.js'
import { AgentContext } from '../../src/context/agent-context.js'
import { SecurityContext } from '../../src/context/security-context.js'
import { InsufficientPermissionsError } from '../../src/errors/insufficient-permissions-error.js'
import { AuthTestKit, runAs } from '../../src/testing/index.js'
import { validatorFor } from './validator-for.js'

describe('runAs', () => {
  it('runs work as somebody and returns what it returns', () => {
    const result = runAs({ sub: 'ann', roles: ['editor'] }, () => {
      SecurityContext.requireRole('editor')
      return SecurityContext.require().sub
    })
    expect(result).to.equal('ann')
  })

  it('lets work fail for want of a role', () => {
    expect(() => runAs({ roles: ['viewer'] }, () => SecurityContext.requireRole('editor'))).to.throw(
      InsufficientPermissionsError,
    )
    expect(() => runAs({}, () => SecurityContext.requireRole('editor'))).to.throw(InsufficientPermissionsError)
  })

  it('lasts through awaits, and no longer', async () => {
    const work = runAs({ sub: 'ann' }, async () => {
      await sleep(1)
      return SecurityContext.get()?.sub
    })
    expect(SecurityContext.isAuthenticated()).to.equal(false)
    expect(await work).to.equal('ann')
  })

  it('keeps callers apart', async () => {
    const names = ['ann', 'bob', 'cem']
    const seen = await Promise.all(
      names.map((sub) =>
        runAs({ sub }, async () => {
          await sleep(2)
          return SecurityContext.get()?.sub
        }),
      ),
    )
    expect(seen).to.deep.equal(names)
  })

  it('puts each of the lists where a token has it', () => {
    const principal = runAs(
      { roles: ['editor', 'viewer'], groups: ['eu'], scopes: ['read', 'write'], permissions: ['tasks:remove'] },
      () => SecurityContext.principal(),
    )
    expect(principal?.roles).to.deep.equal(['editor', 'viewer'])
    expect(principal?.claims).to.deep.include({
      sub: 'user',
      groups: ['eu'],
      scopes: ['read', 'write'],
      permissions: ['tasks:remove'],
    })
    expect(principal?.rawClaims).to.deep.include({ role: ['editor', 'viewer'], scope: 'read write' })
  })

  it('takes any other claim, and removes claims', () => {
    const caller = { claims: { role: 'admin', org_id: 'acme', email: 'ann@example.com', jti: undefined } }
    const principal = runAs(caller, () => SecurityContext.principal())
    expect(principal?.claims).to.include({ role: 'admin', orgId: 'acme', email: 'ann@example.com', jti: '' })
    expect(principal?.roles).to.deep.equal(['admin'])
    expect(principal?.rawClaims).to.not.have.any.keys('jti', 'groups', 'scope', 'permissions')
  })

  it('makes the same principal as a verified token with these claims', async () => {
    const kit = await AuthTestKit.create()
    const claims = {
      sub: 'ann',
      email: 'ann@example.com',
      groups: ['eu'],
      iat: 1_700_000_000,
      exp: 4_000_000_000,
      jti: '1',
    }
    const verified = await validatorFor(kit).validate(await kit.makeToken({ ...claims, roles: ['editor'] }))
    const fromToken = await principalOf(verified, new ClaimRoleResolver(['role']))
    const fromHere = runAs({ roles: ['editor'], claims }, () => SecurityContext.principal())
    expect(fromHere).to.deep.equal(fromToken)
  })

  describe('with a hierarchy of roles', () => {
    const roleHierarchy = { admin: ['manager'], manager: ['user'], ['__proto__']: ['ghost'] }

    for (const { roles, complete } of [
      { roles: ['admin'], complete: ['admin', 'manager', 'user'] },
      { roles: ['user', 'manager'], complete: ['user', 'manager'] },
      { roles: ['reader'], complete: ['reader'] },
      { roles: undefined, complete: [] },
    ]) {
      it(`makes [${complete}] of [${roles}]`, () => {
        const held = runAs({ roles }, () => SecurityContext.getRoles(), { roleHierarchy })
        expect(held).to.deep.equal(complete)
        expect(held).to.be.frozen
      })
    }

    it('completes the roles of the claim, too, and leaves the claim as it is', () => {
      const principal = runAs({ claims: { role: 'manager' } }, () => SecurityContext.principal(), { roleHierarchy })
      expect(principal?.roles).to.deep.equal(['manager', 'user'])
      expect(principal?.rawClaims['role']).to.equal('manager')
    })

    it('makes the same principal as a verified token where the setting is the same', async () => {
      const kit = await AuthTestKit.create()
      const claims = { sub: 'ann', iat: 1_700_000_000, exp: 4_000_000_000, jti: '1' }
      const verified = await validatorFor(kit).validate(await kit.makeToken({ ...claims, roles: ['admin'] }))
      const rules = { hierarchy: new RoleHierarchy(roleHierarchy), scopeWildcards: false, decisionTimeoutMs: 1000 }
      const fromToken = await principalOf(verified, new ClaimRoleResolver(['role']), rules)
      const fromHere = runAs({ roles: ['admin'], claims }, () => SecurityContext.principal(), { roleHierarchy })
      expect(fromHere).to.deep.equal(fromToken)
    })

    it('lets work pass that asks for a role which comes along, and fail without it', () => {
      const work = () => SecurityContext.requireRole('user')
      expect(() => runAs({ roles: ['admin'] }, work, { roleHierarchy })).not.to.throw()
      expect(() => runAs({ roles: ['admin'] }, work)).to.throw(InsufficientPermissionsError)
      expect(() => runAs({ roles: ['admin'] }, work, {})).to.throw(InsufficientPermissionsError)
    })

    it('has an agent at work all the same', () => {
      const work = () => [...SecurityContext.getRoles(), AgentContext.require().sub]
      const caller = { roles: ['manager'], agent: { sub: 'bot' } }
      expect(runAs(caller, work, { roleHierarchy })).to.deep.equal(['manager', 'user', 'bot'])
    })
  })

  it("freezes the principal, not the test's own objects", () => {
    const roles = ['editor']
    const address = { city: 'Oslo' }
    const principal = runAs({ roles, claims: { address } }, () => SecurityContext.principal())
    for (const value of [principal, principal?.claims, principal?.roles, principal?.rawClaims['address']]) {
      expect(value).to.be.frozen
    }
    for (const value of [roles, address]) expect(value).to.not.be.frozen
  })
})
