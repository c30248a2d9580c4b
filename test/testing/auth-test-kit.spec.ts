import { expect } from 'chai'
import { Container } from 'inversify'
import { decodeJwt } from 'jose'
import { describe, it } from 'mocha'
import { TokenValidator } from '../../src/authentication/token-validator.js'
import type { SignatureAlgorithm } from '../../src/config/auth-client-settings.js'
import { AuthConfigurationError } from '../../src/errors/auth-configuration-error.js'
import { AuthModule, type AuthModuleOptions } from '../../src/http/auth-module.js'
import { KeySource } from '../../src/keys/key-source.js'
import { AuthTestKit, generateRsaKeyPair, generateSigningKeyPair } from '../../src/testing/index.js'
import { codeOf, validatorFor } from './validator-for.js'

function authModule(options: AuthModuleOptions): AuthModule {
  return new AuthModule({ env: {}, configFiles: [], ...options })
}

function errorOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('AuthTestKit', () => {
  const algorithms: readonly SignatureAlgorithm[] = [
    ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
    ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
  ]
  for (const algorithm of algorithms) {
    it(`makes ${algorithm} tokens that the validator accepts, and no other kit's settings do`, async () => {
      const kit = await AuthTestKit.create({ algorithm })
      const { claims, header } = await validatorFor(kit).validate(await kit.makeToken({ sub: 'ann' }))
      expect(claims.sub).to.equal('ann')
      expect(header.alg).to.equal(algorithm)
      const strangers = algorithms.filter((name) => name !== algorithm)
      const stranger = validatorFor(kit, { acceptedAlgorithms: strangers })
      expect(await codeOf(stranger.validate(await kit.makeToken()))).to.equal('algorithm_refused')
    })
  }

  it('has frozen settings that name issuer, audience and algorithm, and nothing else', async () => {
    const kit = await AuthTestKit.create({ issuer: 'https://idp.example.com', audience: 'a,b', algorithm: 'ES256' })
    expect(kit.settings).to.deep.equal({
      issuer: 'https://idp.example.com',
      audience: ['a,b'],
      acceptedAlgorithms: ['ES256'],
    })
    for (const value of [kit.settings, ...Object.values(kit.settings)]) expect(value).to.be.frozen
    expect([kit.issuer, kit.audience]).to.deep.equal(['https://idp.example.com', 'a,b'])
    expect(decodeJwt(await kit.makeToken())).to.include({ iss: 'https://idp.example.com', aud: 'a,b' })
  })

  it("makes tokens that keep to RFC 9068's profile, given a client", async () => {
    const kit = await AuthTestKit.create()
    const validator = validatorFor(kit, { profile: 'rfc9068' })
    expect((await validator.validate(await kit.makeToken({ client_id: 'app' }))).claims.sub).to.equal('user')
    expect(await codeOf(validator.validate(await kit.makeToken()))).to.equal('profile_mismatch')
  })

  it('writes roles where its settings say they are read', async () => {
    const kit = await AuthTestKit.create({ roleClaim: 'realm_access.roles' })
    expect(kit.settings.roleClaims).to.deep.equal(['realm_access.roles'])
    expect(decodeJwt(await kit.makeToken({ roles: ['admin'] }))).to.deep.include({ realm_access: { roles: ['admin'] } })
  })

  it('takes claims and options as makeToken does', async () => {
    const kit = await AuthTestKit.create()
    const payload = decodeJwt(await kit.makeToken({ iss: undefined, aud: 7 }, { expiresIn: '1h' }))
    expect(payload).to.not.have.property('iss')
    expect(payload.aud).to.equal(7)
    expect(Number(payload.exp) - Number(payload.iat)).to.equal(3600)
  })

  it('gives an Authorization header', async () => {
    const kit = await AuthTestKit.create()
    const [scheme, token = ''] = (await kit.authorization({ sub: 'ann' }, { expiresIn: 60 })).split(' ')
    expect(scheme).to.equal('Bearer')
    const { claims } = await validatorFor(kit).validate(token)
    expect(claims.sub).to.equal('ann')
    expect(claims.expiresAt - claims.issuedAt).to.equal(60)
  })

  it('shares its key with other kits of its algorithm until it is rotated', async () => {
    const [one, other, elliptic] = await Promise.all([
      AuthTestKit.create({ issuer: 'https://one.test' }),
      AuthTestKit.create({ issuer: 'https://other.test' }),
      AuthTestKit.create({ algorithm: 'ES256' }),
    ])
    expect(one.keyPair).to.equal(other.keyPair)
    expect(elliptic.keyPair.algorithm).to.equal('ES256')
    await one.rotateKeys()
    expect(one.keyPair).to.not.equal(other.keyPair)
    expect(other.keyPair).to.equal((await AuthTestKit.create()).keyPair)
    expect(await codeOf(validatorFor(other).validate(await other.makeToken()))).to.equal('resolved')
  })

  it('takes a key pair of its own', async () => {
    const keyPair = await generateRsaKeyPair({ algorithm: 'PS256' })
    const kit = await AuthTestKit.create({ keyPair })
    expect(kit.keyPair).to.equal(keyPair)
    expect(kit.settings.acceptedAlgorithms).to.deep.equal(['PS256'])
    expect(await codeOf(validatorFor(kit).validate(await kit.makeToken()))).to.equal('resolved')
  })

  it('refuses a key pair for another algorithm than the one asked for', async () => {
    const keyPair = await generateSigningKeyPair('ES256')
    const error = await AuthTestKit.create({ keyPair, algorithm: 'RS256' }).catch((error: unknown) => error)
    expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes('ES256').and.includes('RS256')
    expect((await AuthTestKit.create({ keyPair, algorithm: 'ES256' })).keyPair).to.equal(keyPair)
  })

  it('refuses an algorithm that nothing can be verified with', async () => {
    const error = await AuthTestKit.create({ algorithm: 'HS256' as SignatureAlgorithm }).catch(
      (error: unknown) => error,
    )
    expect(error).to.be.instanceOf(TypeError)
  })

  it('rotates: new tokens are accepted, old ones are not', async () => {
    const kit = await AuthTestKit.create({ algorithm: 'ES256' })
    const validator = validatorFor(kit)
    const before = await kit.makeToken()
    expect(await codeOf(validator.validate(before))).to.equal('resolved')
    await kit.rotateKeys()
    expect(await codeOf(validator.validate(before))).to.equal('key_unknown')
    expect(await codeOf(validator.validate(await kit.makeToken()))).to.equal('resolved')
    expect(kit.keyPair.algorithm).to.equal('ES256')
  })

  it('has a key that has been asked for at hand, until the next one comes', async () => {
    const kit = await AuthTestKit.create({ algorithm: 'ES256' })
    const header = { alg: 'ES256', kid: kit.keyPair.publicJwk.kid as string }
    const key = await kit.keySource.keyFor(header)
    expect(kit.keySource.keyAtHand?.(header)).to.equal(key)
    await kit.rotateKeys()
    expect(kit.keySource.keyAtHand?.(header)).to.equal(undefined)
  })

  describe('install', () => {
    it('replaces the keys of a loaded AuthModule', async () => {
      const kit = await AuthTestKit.create()
      const container = new Container()
      container.load(authModule({ ...kit.settings }))
      kit.install(container)
      const { claims } = await container.get(TokenValidator).validate(await kit.makeToken({ sub: 'ann' }))
      expect(claims.sub).to.equal('ann')
    })

    it('replaces keys that are in use already', async () => {
      const [first, second] = [await AuthTestKit.create(), await AuthTestKit.create()]
      await second.rotateKeys()
      const container = new Container()
      container.load(authModule({ ...first.settings }))
      container.get(KeySource)
      const validator = container.get(TokenValidator)
      first.install(container)
      expect(await codeOf(validator.validate(await first.makeToken()))).to.equal('resolved')
      second.install(container)
      expect(await codeOf(validator.validate(await second.makeToken()))).to.equal('resolved')
      expect(await codeOf(validator.validate(await first.makeToken()))).to.equal('key_unknown')
    })

    it('gives AuthModule its keys when that is loaded later', async () => {
      const kit = await AuthTestKit.create()
      const container = new Container()
      kit.install(container)
      container.load(authModule({ ...kit.settings }))
      expect(await codeOf(container.get(TokenValidator).validate(await kit.makeToken()))).to.equal('resolved')
    })

    it('follows a rotation', async () => {
      const kit = await AuthTestKit.create({ algorithm: 'ES256' })
      const container = new Container()
      container.load(authModule({ ...kit.settings }))
      kit.install(container)
      const validator = container.get(TokenValidator)
      const before = await kit.makeToken()
      expect(await codeOf(validator.validate(before))).to.equal('resolved')
      await kit.rotateKeys()
      expect(await codeOf(validator.validate(before))).to.equal('key_unknown')
      expect(await codeOf(validator.validate(await kit.makeToken()))).to.equal('resolved')
    })

    const mismatches: readonly {
      readonly setting: string
      readonly options: AuthModuleOptions
      readonly advice: string
    }[] = [
      {
        setting: 'auth_client.issuer',
        options: { issuer: 'https://idp.example.com' },
        advice:
          "the test kit's https://issuer.test; load new AuthModule({ ...kit.settings }), or make the kit with AuthTestKit.create({ issuer })",
      },
      { setting: 'auth_client.audience', options: { audience: ['tasks'] }, advice: "the test kit's test-api" },
      {
        setting: 'auth_client.accepted_algorithms',
        options: { acceptedAlgorithms: ['ES256', 'PS256'] },
        advice: "the test kit's RS256",
      },
    ]
    for (const { setting, options, advice } of mismatches) {
      it(`refuses a container with another ${setting} and says what to do`, async () => {
        const kit = await AuthTestKit.create()
        const container = new Container()
        container.load(authModule({ ...kit.settings, ...options }))
        const error = errorOf(() => kit.install(container))
        expect(error).to.be.instanceOf(AuthConfigurationError)
        const { problems } = error as AuthConfigurationError
        expect(problems.map(({ where }) => where)).to.deep.equal([setting])
        expect(problems[0]?.message).to.include(advice)
      })

      it(`refuses the keys to an AuthModule with another ${setting} that is loaded later`, async () => {
        const kit = await AuthTestKit.create()
        const container = new Container()
        kit.install(container)
        container.load(authModule({ ...kit.settings, ...options }))
        expect(errorOf(() => container.get(KeySource)))
          .to.be.instanceOf(AuthConfigurationError)
          .with.property('message')
          .that.includes(setting)
      })
    }

    it('names everything that is wrong at once', async () => {
      const kit = await AuthTestKit.create({ algorithm: 'ES256' })
      const container = new Container()
      container.load(authModule({ issuer: 'https://idp.example.com', audience: 'tasks' }))
      const error = errorOf(() => kit.install(container)) as AuthConfigurationError
      expect(error.problems).to.have.length(3)
    })

    it('is content with settings that accept more than its own', async () => {
      const kit = await AuthTestKit.create()
      const container = new Container()
      const audience = ['tasks', kit.audience]
      container.load(authModule({ ...kit.settings, audience, acceptedAlgorithms: ['ES256', 'RS256'] }))
      kit.install(container)
      expect(await codeOf(container.get(TokenValidator).validate(await kit.makeToken()))).to.equal('resolved')
    })

    it('leaves a container alone in which security is switched off', async () => {
      const kit = await AuthTestKit.create()
      const container = new Container()
      const { emitWarning } = process
      process.emitWarning = () => undefined
      try {
        container.load(authModule({ enabled: false }))
      } finally {
        process.emitWarning = emitWarning
      }
      kit.install(container)
      expect(container.get(KeySource)).to.equal(kit.keySource)
    })

    it('keeps to the container it is given', async () => {
      const kit = await AuthTestKit.create()
      const parent = new Container()
      const theirs: KeySource = { keyFor: () => Promise.reject(new Error('not asked')) }
      parent.bind(KeySource).toConstantValue(theirs)
      const child = new Container({ parent })
      kit.install(child)
      expect(child.get(KeySource)).to.equal(kit.keySource)
      expect(parent.get(KeySource)).to.equal(theirs)
    })
  })
})
