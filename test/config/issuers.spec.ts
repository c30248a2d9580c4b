import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { after, before, describe, it } from 'mocha'
import type { AuthClientOptions } from '../../src/config/auth-client-settings.js'
import { loadSettings, type SettingsSources } from '../../src/config/load-settings.js'
import { AuthConfigurationError } from '../../src/errors/auth-configuration-error.js'

const A = 'https://a.test'
const B = 'https://b.test/realm'

describe('several issuers', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'issuers-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const file = (content: string): string => {
    const path = join(folder, 'application.yaml')
    writeFileSync(path, content)
    return path
  }
  const load = ({ configFiles = [], ...sources }: SettingsSources) => loadSettings({ configFiles, ...sources })
  const problemsOf = (sources: SettingsSources): readonly string[] => {
    try {
      load(sources)
    } catch (error) {
      if (!(error instanceof AuthConfigurationError)) throw error
      return error.problems.map(({ where, message }) => `${where.replace(folder, '')}: ${message}`)
    }
    return []
  }
  const problemsWith = (options: unknown) => problemsOf({ options: options as AuthClientOptions })

  it('are each whole: what an entry leaves out is taken from around the list', () => {
    const { issuers, issuer } = load({
      options: {
        audience: 'api',
        roleClaims: 'roles',
        acceptedAlgorithms: ['ES256'],
        clockToleranceSeconds: 1,
        requiredClaims: { use: ['access'], tenant: true },
        refusedClaims: { typ: ['ID'] },
        issuers: [
          { issuer: A },
          {
            issuer: B,
            audience: 'b1,b2',
            jwksEndpoint: 'https://keys.test/b',
            acceptedAlgorithms: ['RS256', 'PS256'],
            roleClaims: ['/r.r/x'],
            scopeClaims: 'scp',
            requiredClaims: { use: ['api'], azp: true },
            refusedClaims: { suspended: ['true'] },
            profile: 'rfc9068',
          },
        ],
      },
    })
    const shared = {
      jwksTtlSeconds: 300,
      jwksCooldownSeconds: 10,
      jwksMaxStaleSeconds: 3600,
      jwksTimeoutMs: 5000,
      tokenTypes: ['JWT', 'at+jwt'],
      clockToleranceSeconds: 1,
      maxTokenAgeSeconds: 0,
      groupClaims: ['groups'],
      permissionClaims: ['permissions'],
      audienceClaims: ['aud'],
    }
    expect(issuer).to.equal('')
    expect(issuers).to.deep.equal([
      {
        ...shared,
        issuer: A,
        audience: ['api'],
        jwksEndpoint: '',
        acceptedAlgorithms: ['ES256'],
        roleClaims: ['roles'],
        scopeClaims: ['scope', 'scp'],
        requiredClaims: { use: ['access'], tenant: true },
        refusedClaims: { typ: ['ID'] },
        profile: '',
      },
      {
        ...shared,
        issuer: B,
        audience: ['b1', 'b2'],
        jwksEndpoint: 'https://keys.test/b',
        acceptedAlgorithms: ['RS256', 'PS256'],
        roleClaims: ['/r.r/x'],
        scopeClaims: ['scp'],
        requiredClaims: { use: ['api'], tenant: true, azp: true },
        refusedClaims: { typ: ['ID'], suspended: ['true'] },
        profile: 'rfc9068',
      },
    ])
  })

  it('need a name each, which the compiler knows', () => {
    // @ts-expect-error an entry without its issuer
    const options: AuthClientOptions = { issuers: [{ audience: 'api' }] }
    expect(problemsWith(options)).to.have.lengthOf(1)
  })

  it('may be one', () => {
    expect(load({ options: { audience: 'api', issuers: [{ issuer: A }] } }).issuers).to.have.lengthOf(1)
  })

  it('are frozen all the way down, and not what was given', () => {
    const given = [{ issuer: A, audience: ['a'], refusedClaims: { typ: ['ID'] } }]
    const { issuers } = load({ options: { issuers: given } })
    expect(issuers).to.be.frozen
    expect(issuers[0]).to.be.frozen
    expect(issuers[0]?.audience).to.be.frozen.and.not.equal(given[0]?.audience)
    expect(issuers[0]?.refusedClaims['typ']).to.be.frozen
    expect(given[0]?.audience).not.to.be.frozen
  })

  it('are each asked for what is asked around them, whatever else is asked of them', () => {
    const around = { audience: 'api', requiredClaims: { use: ['access'] }, refusedClaims: { typ: ['ID'] } }
    for (const own of [
      {},
      { requiredClaims: {}, refusedClaims: {} },
      JSON.parse('{"requiredClaims":{"__proto__":true}}'),
    ]) {
      const [issuer] = load({ options: { ...around, issuers: [{ issuer: A, ...own }] } }).issuers
      expect(Object.entries(issuer?.requiredClaims ?? {})).to.deep.equal([
        ['use', ['access']],
        ...Object.entries(own.requiredClaims ?? {}),
      ])
      expect(issuer?.refusedClaims).to.deep.equal({ typ: ['ID'] })
    }
  })

  it('are written with snake_case in files', () => {
    const yaml = `
auth_client:
  audience: api
  issuers:
    - issuer: ${A}
    - { issuer: ${B}, jwks_endpoint: "https://keys.test/b", accepted_algorithms: "ES256,RS256", jwks_ttl_seconds: "9" }
`
    const { issuers } = load({ configFiles: [file(yaml)] })
    expect(issuers.map(({ issuer }) => issuer)).to.deep.equal([A, B])
    expect(issuers[1]).to.deep.include({
      jwksEndpoint: 'https://keys.test/b',
      acceptedAlgorithms: ['ES256', 'RS256'],
      jwksTtlSeconds: 9,
    })
  })

  it('are JSON in the environment, with the names of files', () => {
    const env = {
      AUTH_CLIENT_ISSUERS: JSON.stringify([{ issuer: A, role_claims: ['r'] }]),
      AUTH_CLIENT_AUDIENCE: 'api',
    }
    expect(load({ env }).issuers[0]).to.deep.include({ issuer: A, roleClaims: ['r'], audience: ['api'] })
    expect(load({ env: { ...env, AUTH_CLIENT_ISSUERS: '' }, options: { issuer: A } }).issuers).to.deep.equal([])
  })

  it('of a stronger source replace all of a weaker one', () => {
    const configFiles = [file(`auth_client: { audience: api, issuers: [{ issuer: ${A} }, { issuer: ${B} }] }`)]
    const { issuers } = load({ configFiles, options: { issuers: [{ issuer: 'https://c.test' }] } })
    expect(issuers.map(({ issuer }) => issuer)).to.deep.equal(['https://c.test'])
    expect(load({ configFiles, options: { issuers: [], issuer: A } }).issuer).to.equal(A)
  })

  describe('fail at start', () => {
    it('when two are alike', () => {
      expect(problemsWith({ audience: 'api', issuers: [{ issuer: A }, { issuer: B }, { issuer: A }] })).to.deep.equal([
        'auth_client.issuers[2].issuer: is the issuer of auth_client.issuers[0] as well; list every issuer once',
      ])
    })

    it('beside an issuer, even one of them', () => {
      expect(problemsWith({ issuer: A, audience: 'api', issuers: [{ issuer: A }] })).to.deep.equal([
        'auth_client.issuer: contradicts auth_client.issuers; keep one of them',
      ])
    })

    it('with one place for all their keys', () => {
      expect(
        problemsWith({ audience: 'api', jwksEndpoint: 'https://a.test/k', issuers: [{ issuer: A }, { issuer: B }] }),
      ).to.deep.equal([
        'auth_client.jwks_endpoint: would let all of auth_client.issuers sign for one another; say in each entry where its keys are',
      ])
    })

    it('without an audience of their own or for all', () => {
      expect(problemsWith({ issuers: [{ issuer: A, audience: 'a' }, { issuer: B }] })).to.deep.equal([
        'auth_client.issuers[1].audience: is required: the aud that your tokens carry for this API',
      ])
    })

    it('without a name', () => {
      expect(problemsWith({ audience: 'api', issuers: [{}, { issuer: '' }] })).to.deep.equal(
        [0, 1].map(
          (position) =>
            `auth_client.issuers[${position}].issuer: is required: the exact iss of your tokens, such as https://idp.example.com`,
        ),
      )
    })

    it('for settings that are not one issuer’s, and for names of another source', () => {
      const problems = problemsWith({
        audience: 'api',
        issuers: [{ issuer: A, colour: 'red', tokenCacheSize: 5, jwks_endpoint: 'https://a.test/k', __proto_: 1 }],
      })
      expect(problems.map((problem) => problem.replace(/known are .*/, ''))).to.deep.equal(
        ['colour', 'tokenCacheSize', 'jwks_endpoint', '__proto_'].map((name) => {
          const suggestion = name === 'jwks_endpoint' ? ' (did you mean jwksEndpoint?)' : ''
          return `auth_client.issuers[0].${name}: is not a setting of one issuer${suggestion}; `
        }),
      )
      expect(problems[0]).to.include('known are issuer, audience, jwksEndpoint, jwksTtlSeconds')
      const yaml = `auth_client: { audience: api, issuers: [{ issuer: ${A}, jwksEndpoint: "https://a.test/k" }] }`
      expect(problemsOf({ configFiles: [file(yaml)] })[0]).to.match(
        /^auth_client\.issuers\[0\]\.jwksEndpoint in .*application\.yaml: is not a setting of one issuer \(did you mean jwks_endpoint\?\); known are issuer, audience, jwks_endpoint/,
      )
    })

    it('for values that make no sense, none of which is repeated', () => {
      const problems = problemsWith({
        audience: 'api',
        issuers: [
          { issuer: 'http://secret.test', acceptedAlgorithms: ['HS256'], jwksTtlSeconds: 'secret', audience: [''] },
          { issuer: B, refusedClaims: { typ: 'secret' }, profile: 'rfc9068', tokenTypes: 'JWT' },
        ],
      })
      expect(problems.map((problem) => problem.split(':')[0])).to.deep.equal([
        'auth_client.issuers[0].issuer',
        'auth_client.issuers[0].accepted_algorithms',
        'auth_client.issuers[0].jwks_ttl_seconds',
        'auth_client.issuers[0].audience',
        'auth_client.issuers[1].refused_claims',
        'auth_client.issuers[1].token_types',
      ])
      expect(problems.join()).not.to.include('secret')
    })

    it('but miss nothing where nothing is enforced', () => {
      expect(load({ options: { enabled: false, issuers: [{ issuer: A }] } }).issuers).to.have.lengthOf(1)
    })
  })
})

describe('a role hierarchy', () => {
  const problemOf = (roleHierarchy: Record<string, readonly string[]>): string | undefined => {
    try {
      loadSettings({ options: { issuer: A, audience: 'api', roleHierarchy }, configFiles: [] })
    } catch (error) {
      return (error as AuthConfigurationError).problems[0]?.message
    }
    return undefined
  }

  for (const { hierarchy, cycle } of [
    { hierarchy: { a: ['a'] }, cycle: 'a > a' },
    { hierarchy: { a: ['b'], b: ['a'] }, cycle: 'a > b > a' },
    { hierarchy: { top: ['a'], a: ['x', 'b'], b: ['c'], c: ['y', 'a'] }, cycle: 'a > b > c > a' },
    {
      hierarchy: JSON.parse('{"__proto__":["constructor"],"constructor":["__proto__"]}'),
      cycle: '__proto__ > constructor > __proto__',
    },
  ]) {
    it(`that goes round fails at start, naming ${cycle}`, () => {
      expect(problemOf(hierarchy)).to.equal(`goes round in a circle: ${cycle}`)
    })
  }

  for (const hierarchy of [
    {},
    { a: [] },
    { a: ['b', 'c'], b: ['d'], c: ['d'] },
    { a: ['b', 'b'] },
    { a: ['constructor', '__proto__', 'toString'] },
    Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`r${i}`, [`r${i + 1}`]])),
  ]) {
    it(`may branch and meet again: ${JSON.stringify(hierarchy).slice(0, 60)}`, () => {
      expect(problemOf(hierarchy as Record<string, readonly string[]>)).to.equal(undefined)
    })
  }
})
