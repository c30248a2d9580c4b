import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { entraId, keycloak } from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import type { AuthClientOptions, AuthClientSettings } from '../../src/config/auth-client-settings.js'
import { camelCase } from '../../src/config/camel-case.js'
import { loadSettings } from '../../src/config/load-settings.js'
import { AuthConfigurationError } from '../../src/errors/auth-configuration-error.js'

const GUID = '6731de76-14a6-49ae-97bc-6eba6914391e'
const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const OTHER = 'https://other.test'

/** By their names in files, weakest source first; an option of a provider is written `keycloak.realm`. */
interface Given {
  readonly first?: object
  readonly last?: object
  readonly env?: object
  readonly options?: object
}

const SOURCES = ['first', 'last', 'env', 'options'] as const
const KEYCLOAK = { provider: 'keycloak', 'keycloak.base_url': 'https://sso.test', 'keycloak.realm': 'r' }
const ENTRA = { provider: 'entra_id', 'entra_id.tenant_id': TENANT }
const COGNITO = {
  provider: 'cognito',
  'cognito.region': 'eu-west-1',
  'cognito.user_pool_id': 'p',
  'cognito.client_id': 'c',
}
const PRESET = keycloak({ baseUrl: 'https://sso.test', realm: 'r', audience: 'api' })
const PROVIDERS_OWN = { issuer: PRESET.issuer, issuers: [], jwksEndpoint: PRESET.jwksEndpoint }

describe("a provider's settings", () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'preset-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const file = (name: string, settings: object): string => {
    const path = join(folder, `${name}.json`)
    writeFileSync(path, JSON.stringify({ auth_client: nested(settings) }))
    return path
  }
  const load = ({ first = {}, last = {}, env = {}, options = {} }: Given): AuthClientSettings =>
    loadSettings({
      configFiles: [file('first', first), file('last', last)],
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [variable(name), text(value)])),
      options: inCode(options) as AuthClientOptions,
    })
  const problemsOf = (given: Given): readonly string[] => {
    try {
      load(given)
    } catch (error) {
      if (!(error instanceof AuthConfigurationError)) throw error
      return error.problems.map(({ where, message }) => `${where.replace(`${folder}/`, '')}: ${message}`)
    }
    return []
  }

  for (const [chosenAt, chosen] of (['first', 'last', 'env'] as const).entries()) {
    for (const [givenAt, source] of SOURCES.entries()) {
      const wins = givenAt >= chosenAt
      it(`${wins ? 'yield to' : 'are stronger than'} what ${source} says, chosen by ${chosen}`, () => {
        const sources: Record<string, object> = { [chosen]: { ...KEYCLOAK, audience: 'api' } }
        sources[source] = { ...sources[source], role_claims: ['mine'], group_claims: ['teams'] }
        const { roleClaims, groupClaims } = load(sources)
        expect(roleClaims).to.deep.equal(wins ? ['mine'] : ['/realm_access/roles'])
        expect(groupClaims, 'says nothing about groups').to.deep.equal(['teams'])
      })
    }
  }

  for (const { what, given, expected } of [
    {
      what: 'replaces an issuer and its keys from a weaker source',
      given: { last: { issuer: OTHER, jwks_endpoint: `${OTHER}/keys` }, env: KEYCLOAK },
      expected: PROVIDERS_OWN,
    },
    {
      what: 'replaces several issuers from a weaker source',
      given: { first: { issuers: [{ issuer: OTHER }] }, last: KEYCLOAK },
      expected: PROVIDERS_OWN,
    },
    {
      what: 'may be named once more',
      given: { env: { ...KEYCLOAK, issuer: PRESET.issuer } },
      expected: PROVIDERS_OWN,
    },
    {
      what: 'may have its keys elsewhere',
      given: { env: { ...KEYCLOAK, jwks_endpoint: 'https://inside.test/keys' } },
      expected: { ...PROVIDERS_OWN, jwksEndpoint: 'https://inside.test/keys' },
    },
    {
      what: 'gives way to one that comes with its keys',
      given: { env: { ...KEYCLOAK, issuer: OTHER, jwks_endpoint: `${OTHER}/keys` } },
      expected: { issuer: OTHER, issuers: [], jwksEndpoint: `${OTHER}/keys` },
    },
    {
      what: 'gives way to one from a stronger source, whose keys are discovered',
      given: { last: { jwks_endpoint: `${OTHER}/keys` }, env: KEYCLOAK, options: { issuer: OTHER } },
      expected: { issuer: OTHER, issuers: [], jwksEndpoint: '' },
    },
    {
      what: 'gives way to one from a later file',
      given: { first: KEYCLOAK, last: { issuer: OTHER } },
      expected: { issuer: OTHER, issuers: [], jwksEndpoint: '' },
    },
    {
      what: 'gives way to one, being two itself',
      given: { env: ENTRA, options: { issuer: OTHER } },
      expected: { issuer: OTHER, issuers: [], jwksEndpoint: '' },
    },
    {
      what: 'does not give way to nothing',
      given: { env: KEYCLOAK, options: { issuers: [] } },
      expected: PROVIDERS_OWN,
    },
  ] satisfies readonly { what: string; given: Given; expected: object }[]) {
    it(`name an issuer that ${what}`, () => {
      const first = { audience: 'api', ...(given as Given).first }
      expect(load({ ...given, first })).to.deep.include(expected)
    })
  }

  it('name two issuers in place of the one, and its keys, in a weaker source', () => {
    const { issuer, jwksEndpoint, issuers } = load({
      first: { issuer: OTHER, jwks_endpoint: `${OTHER}/keys`, audience: GUID },
      env: ENTRA,
    })
    expect({ issuer, jwksEndpoint }).to.deep.equal({ issuer: '', jwksEndpoint: '' })
    expect(issuers.map((each) => each.issuer)).to.deep.equal(
      entraId({ tenantId: TENANT, audience: GUID }).issuers?.map((each) => each.issuer),
    )
  })

  it('give way to several issuers from a stronger source, being shared by them', () => {
    const { issuer, jwksEndpoint, issuers } = load({
      first: { ...KEYCLOAK, audience: 'api' },
      env: { issuers: [{ issuer: OTHER }] },
    })
    expect({ issuer, jwksEndpoint }).to.deep.equal({ issuer: '', jwksEndpoint: '' })
    expect(issuers).to.have.lengthOf(1)
    expect(issuers[0]).to.deep.include({ issuer: OTHER, jwksEndpoint: '', roleClaims: ['/realm_access/roles'] })
  })

  const MIXED =
    'is not the issuer of provider keycloak, whose keys would count as its own; keep one of them, or set auth_client.jwks_endpoint as well'
  for (const { what, given, problems } of [
    {
      what: 'the environment',
      given: { env: { ...KEYCLOAK, audience: 'api', issuer: OTHER } },
      problems: [`auth_client.issuer: ${MIXED}`],
    },
    {
      what: 'a file',
      given: { last: { ...KEYCLOAK, audience: 'api', issuer: OTHER } },
      problems: [`auth_client.issuer in last.json: ${MIXED}`],
    },
    {
      what: 'a file, even when a weaker one has its keys',
      given: {
        first: { jwks_endpoint: `${OTHER}/keys` },
        last: { ...KEYCLOAK, audience: 'api', issuer: OTHER },
      },
      problems: [`auth_client.issuer in last.json: ${MIXED}`],
    },
    {
      what: 'the environment, for a provider with two',
      given: { env: { ...ENTRA, audience: GUID, issuer: OTHER } },
      problems: ['auth_client.issuer: contradicts auth_client.issuers; keep one of them'],
    },
  ] satisfies readonly { what: string; given: Given; problems: readonly string[] }[]) {
    it(`never lend their keys to another issuer, which is an error in ${what}`, () => {
      expect(problemsOf(given)).to.deep.equal(problems)
    })
  }

  for (const { refused, comes } of [
    { refused: '', comes: {} },
    { refused: '{"azp":["evil"]}', comes: { azp: ['evil'] } },
  ]) {
    it(`keep refusing what they refuse beside refused_claims '${refused}'`, () => {
      const { refusedClaims } = load({ env: { ...KEYCLOAK, audience: 'api', refused_claims: refused } })
      expect(refusedClaims).to.deep.equal({ ...PRESET.refusedClaims, ...comes })
    })
  }

  it('keep requiring what they require beside required_claims', () => {
    const { requiredClaims } = load({ first: COGNITO, last: { required_claims: { tenant: ['a'] } } })
    expect(requiredClaims).to.deep.equal({ ...load({ env: COGNITO }).requiredClaims, tenant: ['a'] })
  })

  it('keep refusing their values of a claim that is given more', () => {
    const { refusedClaims } = load({ first: KEYCLOAK, env: { audience: 'api', refused_claims: '{"typ":["Other"]}' } })
    expect(refusedClaims).to.deep.equal({ typ: [...(PRESET.refusedClaims?.['typ'] ?? []), 'Other'] })
  })

  it('keep requiring their values of a claim that is to have any', () => {
    const { requiredClaims } = load({ first: COGNITO, last: { required_claims: { token_use: true } } })
    expect(requiredClaims).to.deep.equal(load({ env: COGNITO }).requiredClaims)
  })

  it('require the values that are given for a claim of theirs that may have any', () => {
    const { issuers } = load({ first: { ...ENTRA, audience: GUID }, last: { required_claims: { azp: ['mine'] } } })
    expect(issuers.map(({ requiredClaims }) => requiredClaims['azp'])).to.deep.equal([['mine'], ['mine']])
  })

  it('leave refused_claims that make no sense to the check of settings', () => {
    const given = { env: { ...KEYCLOAK, audience: 'api', refused_claims: 'nonsense' } }
    expect(problemsOf(given)).to.have.length(1)
  })

  describe('make of the audience', () => {
    const BOTH = [GUID, `api://${GUID}`]
    for (const { what, given, audience } of [
      { what: 'an id in the environment', given: { env: { ...ENTRA, audience: GUID } }, audience: BOTH },
      {
        what: 'a URI in the environment',
        given: { env: { ...ENTRA, audience: `api://${GUID}` } },
        audience: [...BOTH].reverse(),
      },
      {
        what: 'two forms in the environment',
        given: { env: { ...ENTRA, audience: `api://orders,${GUID}` } },
        audience: ['api://orders', ...BOTH],
      },
      { what: 'an id in a file', given: { last: { ...ENTRA, audience: [GUID] } }, audience: BOTH },
      { what: 'an id in a weaker file', given: { first: { audience: GUID }, env: ENTRA }, audience: BOTH },
      { what: 'an id in code', given: { env: ENTRA, options: { audience: GUID } }, audience: BOTH },
      { what: 'its own option', given: { env: { ...ENTRA, 'entra_id.audience': GUID } }, audience: BOTH },
      {
        what: 'its own option beside a weaker audience',
        given: { first: { audience: 'other' }, env: { ...ENTRA, 'entra_id.audience': GUID } },
        audience: BOTH,
      },
      {
        what: 'its own option beside a stronger audience',
        given: { first: { ...ENTRA, 'entra_id.audience': 'api://other' }, env: { audience: GUID } },
        audience: BOTH,
      },
      {
        what: 'its own option from a stronger place than audience and provider',
        given: { first: { ...ENTRA, audience: 'api://other' }, env: { 'entra_id.audience': GUID } },
        audience: BOTH,
      },
      {
        what: 'an audience beside its own option, in one place',
        given: { env: { ...ENTRA, 'entra_id.audience': 'api://other', audience: GUID } },
        audience: BOTH,
      },
      {
        what: 'an audience where client ids take its place',
        given: { env: { ...COGNITO, audience: 'mine' } },
        audience: ['mine'],
      },
      {
        what: 'a weaker audience where client ids take its place',
        given: { first: { audience: 'mine' }, env: COGNITO },
        audience: ['c'],
      },
    ] satisfies readonly { what: string; given: Given; audience: readonly string[] }[]) {
      it(`${what}: ${audience}`, () => {
        const settings = load(given)
        expect(settings.audience).to.deep.equal(audience)
        for (const issuer of settings.issuers) expect(issuer.audience).to.deep.equal(audience)
      })
    }
  })
})

/** `keycloak.realm` is `realm` in the section `keycloak`. */
function nested(settings: object): object {
  const sections: Record<string, Record<string, unknown>> = {}
  const plain = Object.entries(settings).filter(([name, value]) => {
    const [section = '', option] = name.split('.')
    if (option !== undefined) sections[section] = { ...sections[section], [option]: value }
    return option === undefined
  })
  return { ...Object.fromEntries(plain), ...sections }
}

function variable(name: string): string {
  return `AUTH_CLIENT_${name.replace('.', '_').toUpperCase()}`
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.join() : JSON.stringify(value)
}

function inCode(settings: object): object {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [camelCase(name), value]))
}
