import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { after, afterEach, before, describe, it } from 'mocha'
import type { AuthClientOptions, AuthClientSettings } from '../../src/config/auth-client-settings.js'
import { camelCase } from '../../src/config/camel-case.js'
import { loadSettings, type SettingsSources } from '../../src/config/load-settings.js'
import { SETTING_NAMES, type SettingName } from '../../src/config/schema.js'
import { AuthConfigurationError } from '../../src/errors/auth-configuration-error.js'

const VALID = { issuer: 'https://idp.example.com', audience: 'api' }

const DEFAULTS: AuthClientSettings = {
  enabled: true,
  issuer: 'https://idp.example.com',
  audience: ['api'],
  jwksEndpoint: '',
  jwksTtlSeconds: 300,
  jwksCooldownSeconds: 10,
  jwksMaxStaleSeconds: 3600,
  jwksTimeoutMs: 5000,
  acceptedAlgorithms: ['RS256'],
  tokenTypes: ['JWT', 'at+jwt'],
  clockToleranceSeconds: 5,
  maxTokenAgeSeconds: 0,
  maxTokenBytes: 8192,
  roleClaims: ['role'],
  groupClaims: ['groups'],
  scopeClaims: ['scope', 'scp'],
  permissionClaims: ['permissions'],
  audienceClaims: ['aud'],
  requiredClaims: {},
  refusedClaims: {},
  issuers: [],
  roleHierarchy: {},
  scopeWildcards: false,
  decisionTimeoutMs: 5000,
  errorDetail: 'full',
  tokenCacheSize: 10000,
  profile: '',
  revocationEndpoint: '',
  revocationTtlSeconds: 15,
  revocationBearer: '',
  revocationFailOpen: false,
  requireExplicit: false,
  devKeys: false,
}

/** Four different values of every setting: for options, the environment and two files. */
const VALUES: Readonly<Record<Exclude<SettingName, 'issuers'>, readonly [unknown, unknown, unknown, unknown]>> = {
  enabled: [false, true, false, true],
  issuer: ['https://a.test', 'https://b.test/realm', 'https://c.test/', 'http://localhost:8080'],
  audience: [['a', 'aa'], ['b'], ['c', 'cc'], ['d']],
  jwks_endpoint: ['https://a.test/keys?v=2', 'http://127.0.0.1/keys', 'https://c.test/keys', 'http://[::1]:1/keys'],
  jwks_ttl_seconds: [1, 2, 3, 4],
  jwks_cooldown_seconds: [1, 2, 3, 4],
  jwks_max_stale_seconds: [0, 2, 3, 4],
  jwks_timeout_ms: [1, 2_147_483_647, 3, 4],
  accepted_algorithms: [['RS384', 'RS512'], ['PS256', 'PS384', 'PS512'], ['ES256', 'ES384', 'ES512'], ['EdDSA']],
  token_types: [['at+jwt'], ['b'], ['c', 'cc'], ['d']],
  clock_tolerance_seconds: [0, 2, 3, 4],
  max_token_age_seconds: [1, 2, 3, 4],
  max_token_bytes: [1, 2, 3, 4],
  role_claims: [[], ['realm_access.roles'], ['https://x.test/roles', 'role'], ['d']],
  group_claims: [[], ['g.g'], ['/a~1b/c~0d', 'groups'], ['d']],
  scope_claims: [[], ['scp'], ['https://x.test/scope', 'scope'], ['d']],
  permission_claims: [[], ['p'], ['/p/0', 'q'], ['d']],
  audience_claims: [['client_id'], ['aud', 'azp'], ['/a/b'], ['d']],
  required_claims: [
    { token_use: ['access'], azp: true },
    { 'a.b': ['c', 'd'], '/e~0f': true },
    {},
    { ['__proto__']: ['d'] },
  ],
  refused_claims: [{ typ: ['ID'] }, { typ: ['ID', 'Refresh'] }, { constructor: ['x'] }, {}],
  role_hierarchy: [
    { admin: ['user'] },
    { a: ['b', 'c'], b: [] },
    { constructor: ['toString'] },
    { ['__proto__']: ['d'] },
  ],
  scope_wildcards: [true, false, true, false],
  decision_timeout_ms: [1, 2_147_483_647, 3, 4],
  error_detail: ['minimal', 'full', 'minimal', 'full'],
  token_cache_size: [0, 2, 3, 4],
  profile: ['rfc9068', '', 'rfc9068', ''],
  revocation_endpoint: ['https://a.test/r', 'http://localhost/r', 'https://c.test/r', 'https://d.test/r'],
  revocation_ttl_seconds: [1, 2_147_483, 3, 4],
  revocation_bearer: ['a', 'b~!', 'c', 'd'],
  revocation_fail_open: [true, false, true, false],
  require_explicit: [true, false, true, false],
  dev_keys: [true, false, true, false],
}

describe('the settings', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'settings-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const file = (name: string, content: unknown): string => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }
  const load = ({ configFiles = [], ...sources }: SettingsSources = {}) => loadSettings({ configFiles, ...sources })
  const messageOf = (sources: SettingsSources) => failure(() => load(sources)).message

  describe('come from', () => {
    it('defaults', () => {
      expect(load({ options: VALID })).to.deep.equal(DEFAULTS)
    })

    for (const name of SETTING_NAMES) {
      if (name === 'issuers') continue
      const [fromOptions, fromEnv, fromLastFile, fromFirstFile] = VALUES[name]
      const read = (sources: SettingsSources) => load(sources)[camelCase(name) as keyof AuthClientSettings]
      const required = (key: string) => Object.fromEntries(Object.entries(VALID).filter(([other]) => other !== key))

      it(`options, before the environment, before the last file, before earlier files: ${name}`, () => {
        const variable = `AUTH_CLIENT_${name.toUpperCase()}`
        const first = file('first.yaml', yaml({ [name]: fromFirstFile, ...required(name) }))
        const last = file('last.json', { auth_client: { [name]: fromLastFile } })
        const env = { [variable]: variableText(fromEnv) }
        const options = { [camelCase(name)]: fromOptions } as AuthClientOptions
        expect(read({ configFiles: [first] })).to.deep.equal(fromFirstFile)
        expect(read({ configFiles: [first, last] })).to.deep.equal(fromLastFile)
        expect(read({ configFiles: [first, last], env })).to.deep.equal(fromEnv)
        expect(read({ configFiles: [first, last], env, options })).to.deep.equal(fromOptions)
      })
    }

    it('the next source where an option is undefined', () => {
      const { issuer } = load({
        options: { ...VALID, issuer: undefined },
        env: { AUTH_CLIENT_ISSUER: 'https://b.test' },
      })
      expect(issuer).to.equal('https://b.test')
    })

    it('the next source where a variable is undefined', () => {
      expect(load({ options: VALID, env: { AUTH_CLIENT_ENABLED: undefined } }).enabled).to.equal(true)
    })

    it('strings with commas, where they are lists', () => {
      const options = { ...VALID, audience: ' api ,other' }
      const env = { AUTH_CLIENT_ROLE_CLAIMS: 'role, realm_access.roles' }
      const configFiles = [file('lists.yaml', 'auth_client: { accepted_algorithms: "RS256,ES256" }')]
      expect(load({ options, env, configFiles })).to.deep.include({
        audience: ['api', 'other'],
        roleClaims: ['role', 'realm_access.roles'],
        acceptedAlgorithms: ['RS256', 'ES256'],
      })
    })

    it('variables that are empty, where nothing is a value', () => {
      const env = { AUTH_CLIENT_ROLE_HIERARCHY: '', AUTH_CLIENT_REQUIRED_CLAIMS: '', AUTH_CLIENT_ISSUERS: '' }
      expect(load({ options: VALID, env })).to.deep.equal(DEFAULTS)
    })

    it('JSON, where they are mappings: also in files, and whatever the names', () => {
      const configFiles = [file('json.yaml', `auth_client: { refused_claims: '{"__proto__":["x"]}' }`)]
      const { refusedClaims } = load({ options: VALID, configFiles })
      expect(Object.entries(refusedClaims)).to.deep.equal([['__proto__', ['x']]])
      expect(Object.getPrototypeOf(refusedClaims)).to.equal(Object.prototype)
    })

    it('only those variables that begin with AUTH_CLIENT_', () => {
      expect(load({ options: VALID, env: { ISSUER: 'x', AUTH_CLIENTS: 'y', auth_client_issuer: 'z' } })).to.deep.equal(
        DEFAULTS,
      )
    })
  })

  describe('in a file', () => {
    for (const { what, content } of [
      { what: 'nothing', content: '' },
      { what: 'only comments', content: '# auth_client' },
      { what: 'only sections of others', content: 'server: { port: 80 }' },
      { what: 'an empty section', content: 'auth_client:' },
      { what: 'null', content: 'null' },
      { what: 'nothing but a prototype', content: 'constructor: { issuer: http://evil.test }' },
    ]) {
      it(`may hold ${what}`, () => {
        expect(load({ options: VALID, configFiles: [file('quiet.yaml', content)] })).to.deep.equal(DEFAULTS)
      })
    }

    for (const { what, content } of [
      { what: 'a list', content: 'auth_client: [secret-value]' },
      { what: 'a text', content: 'auth_client: secret-value' },
      { what: 'a list of sections', content: '- auth_client: secret-value' },
      { what: 'a text alone', content: 'secret-value' },
    ]) {
      it(`must not be ${what}`, () => {
        const path = file('shape.yaml', content)
        expect(problemsOf({ options: VALID, configFiles: [path] })).to.deep.equal([
          { where: path, message: 'auth_client must be a mapping of settings' },
        ])
      })
    }

    for (const { what, content, detail } of [
      { what: 'an unclosed quote', content: 'auth_client:\n  issuer: "secret-value', detail: 'MISSING_CHAR, line 2' },
      {
        what: 'a setting twice',
        content: 'auth_client:\n  issuer: a\n  issuer: secret-value',
        detail: 'DUPLICATE_KEY, line 3',
      },
      { what: 'tabs for indentation', content: 'auth_client:\n\tissuer: secret-value', detail: 'TAB_AS_INDENT' },
    ]) {
      it(`is refused with the place but without the content: ${what}`, () => {
        const path = file('broken.yaml', content)
        const [problem, ...others] = problemsOf({ options: VALID, configFiles: [path] })
        expect(others).to.deep.equal([])
        expect(problem?.where).to.equal(path)
        expect(problem?.message).to.contain('is not valid YAML or JSON').and.contain(detail)
        expect(problem?.message).not.to.contain('secret-value')
      })
    }

    for (const { what, content } of [
      { what: 'an alias of nothing', content: 'auth_client: { issuer: *secret-value }' },
      { what: 'aliases that blow up', content: billionLaughs() },
    ]) {
      it(`is refused without the content: ${what}`, () => {
        const path = file('alias.yaml', content)
        const [problem, ...others] = problemsOf({ options: VALID, configFiles: [path] })
        expect(others).to.deep.equal([])
        expect(problem?.where).to.equal(path)
        expect(problem?.message).to.contain('is not valid YAML or JSON').and.not.contain('secret-value')
      })
    }

    it('has to exist when it is named', () => {
      const path = join(folder, 'missing.yaml')
      expect(problemsOf({ options: VALID, configFiles: [path] })).to.deep.equal([
        { where: path, message: 'the file cannot be read' },
      ])
    })

    it('has to be a file', () => {
      expect(messageOf({ options: VALID, configFiles: [folder] })).to.contain('the file cannot be read')
    })

    it('must not hold unknown settings', () => {
      const path = file(
        'unknown.yaml',
        'auth_client: { issuerr: secret-value, "issuer.x": 1, __proto__: 2, constructor: 3 }',
      )
      const problems = problemsOf({ options: VALID, configFiles: [path] })
      expect(problems.map(({ where }) => where)).to.deep.equal([
        `auth_client.issuerr in ${path}`,
        `auth_client.issuer.x in ${path}`,
        `auth_client.__proto__ in ${path}`,
        `auth_client.constructor in ${path}`,
      ])
      const providers = 'provider, keycloak, auth0, entra_id, okta, cognito, pico_auth'
      const known = `${SETTING_NAMES.join(', ')}, ${providers}`
      expect(problems.map(({ message }) => message)).to.deep.equal([
        `is not a setting (did you mean issuer?); known are ${known}`,
        `is not a setting (did you mean issuer?); known are ${known}`,
        `is not a setting; known are ${known}`,
        `is not a setting; known are ${known}`,
      ])
    })

    for (const name of ['auth-client', 'authClient', 'AuthClient', 'auth_clients', 'AUTH_CLIENT', 'AUTH-CLIENTS']) {
      it(`must not call the section ${name}, which nobody would read`, () => {
        const problem = { message: 'is not read; the section is called auth_client' }
        const alone = file('misspelt.yaml', `${name}: { issuer: secret-value }\nserver: { port: 3000 }`)
        expect(problemsOf({ options: VALID, configFiles: [alone] })).to.deep.equal([
          { where: `${name} in ${alone}`, ...problem },
        ])
        const beside = file('beside.json', { auth_client: { audience: 'api' }, [name]: { enabled: false } })
        expect(problemsOf({ options: VALID, configFiles: [beside] })).to.deep.equal([
          { where: `${name} in ${beside}`, ...problem },
        ])
      })
    }

    it('may have sections of the application whose names come close', () => {
      const path = file(
        'close.yaml',
        'auth: 1\nclient: 2\nauth_server: 3\noauth_client: 4\nauth_client_2: 5\nclient_auth: 6',
      )
      expect(load({ options: VALID, configFiles: [path] })).to.deep.equal(load({ options: VALID }))
    })

    describe('named application.yaml', () => {
      const start = process.cwd()
      afterEach(() => process.chdir(start))

      it('is read from the working directory, where no files are named', () => {
        file('application.yaml', yaml({ ...VALID, jwks_ttl_seconds: 7 }))
        process.chdir(folder)
        expect(loadSettings({})).to.include({ jwksTtlSeconds: 7, issuer: VALID.issuer })
      })

      it('may be absent', () => {
        process.chdir(mkdtempSync(join(folder, 'empty-')))
        expect(loadSettings({ options: VALID })).to.deep.equal(DEFAULTS)
      })
    })
  })

  describe('are refused when they make no sense', () => {
    const [BOOLEAN, NATURAL, POSITIVE] = [
      'must be true or false',
      'must be a whole number from 0 to 2147483647',
      'must be a whole number from 1 to 2147483647',
    ]
    const ALGORITHMS =
      'RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, ML-DSA-44, ML-DSA-65, ML-DSA-87'
    const FORGEABLE = `none and HS* are never accepted, because whoever can check such a token can forge it; use some of ${ALGORITHMS}`
    const NAMES = 'must list at least one name, none of them empty'
    const LIST = 'must be a list of names, none of them empty'
    const POINTER = 'must list claim paths; one that begins with / is a JSON pointer, where ~ stands before 0 or 1 only'
    const NO_MAPPINGS = [
      null,
      5,
      'typ=ID',
      '{',
      '[]',
      '"typ"',
      [],
      ['typ'],
      new Map([['typ', ['ID']]]),
      new (class Odd {})(),
    ]
    const NO_CLAIM_RULES = [
      ...NO_MAPPINGS,
      { typ: 'ID' },
      { typ: [] },
      { typ: [''] },
      { typ: [' ID'] },
      { typ: [true] },
      { typ: null },
      { typ: false },
      { typ: 'true' },
      { typ: 1 },
      { '': ['ID'] },
      { typ: { ID: ['x'] } },
      '{"typ":"ID"}',
      '{"typ":[]}',
      '{"typ":false}',
      '{"typ":"true"}',
      '{"typ":["ID"],"typ":["Refresh"]}',
    ]
    const ISSUER =
      'must be the exact issuer URL: https (http only for loopback hosts), without query, fragment, user or spaces'
    const URL = 'must be empty or an https URL (http only for loopback hosts), without fragment, user or spaces'

    const nonsense: readonly { names: readonly SettingName[]; values: readonly unknown[]; expected: string }[] = [
      {
        names: ['enabled', 'require_explicit', 'scope_wildcards'],
        values: ['maybe', '', 'TRUE', 'yes', '1', 0, 1, null, ' true', []],
        expected: BOOLEAN,
      },
      {
        names: ['jwks_max_stale_seconds', 'clock_tolerance_seconds', 'max_token_age_seconds'],
        values: ['10abc', '', ' 5', '5 ', '1e3', '-1', '+1', '1.5', '0x10', '010', '2147483648', '99999999999', 'NaN'],
        expected: NATURAL,
      },
      {
        names: ['jwks_max_stale_seconds'],
        values: [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_648, null, true, [5], { seconds: 5 }],
        expected: NATURAL,
      },
      {
        names: [
          'jwks_ttl_seconds',
          'jwks_cooldown_seconds',
          'jwks_timeout_ms',
          'max_token_bytes',
          'decision_timeout_ms',
        ],
        values: [0, '0', -1, '10abc', '', 2_147_483_648],
        expected: POSITIVE,
      },
      {
        names: ['issuer'],
        values: [
          'http://idp.example.com',
          'http://localhost.evil.test',
          'http://127.0.0.1.evil.test',
          'https://idp.example.com?tenant=1',
          'https://idp.example.com?',
          'https://idp.example.com#top',
          'https://idp.example.com#',
          'https://user@idp.example.com',
          'https://:secret@idp.example.com',
          ' https://idp.example.com',
          'https://idp.example.com/a b',
          'https://idp.example.com\n',
          'https:\\\\idp.example.com',
          'https:idp.example.com',
          'https:///idp.example.com',
          'https://idp.example.com:99999',
          'idp.example.com',
          'ftp://idp.example.com',
          null,
          5,
          ['https://idp.example.com'],
        ],
        expected: ISSUER,
      },
      {
        names: ['jwks_endpoint'],
        values: ['http://idp.example.com/keys', 'https://idp.example.com/#keys', 'keys', 'file:///keys', null],
        expected: URL,
      },
      {
        names: ['audience', 'role_claims', 'group_claims', 'scope_claims', 'permission_claims'],
        values: [' ', 'a,,b', 'a,', ',', [''], [' a'], ['a', 5], null, 5, { 0: 'a' }],
        expected: LIST,
      },
      { names: ['token_types', 'audience_claims'], values: ['', [], [''], 'JWT,', null], expected: NAMES },
      {
        names: ['role_claims', 'group_claims', 'scope_claims', 'permission_claims', 'audience_claims'],
        values: ['/a~', '/~2', ['a', '/a~b/c'], '/a~~1'],
        expected: POINTER,
      },
      {
        names: ['required_claims', 'refused_claims'],
        values: [{ '/a~': ['b'] }, '{"/~x":["b"]}'],
        expected: POINTER,
      },
      { names: ['required_claims'], values: [{ '/a~': true }, '{"/~x":true}'], expected: POINTER },
      {
        names: ['required_claims'],
        values: [...NO_CLAIM_RULES, { '': true }, { ' azp': true }],
        expected:
          'must map claim paths to lists of values, none of them empty, or to true for any value; as text it is JSON, such as {"token_use":["access"],"azp":true}',
      },
      {
        names: ['refused_claims'],
        values: [...NO_CLAIM_RULES, { typ: true }, '{"typ":true}'],
        expected:
          'must map claim paths to lists of values, none of them empty; as text it is JSON, such as {"token_use":["access"]}',
      },
      {
        names: ['role_hierarchy'],
        values: [
          ...NO_MAPPINGS,
          { admin: 'user' },
          { admin: [''] },
          { admin: [5] },
          { admin: null },
          { '': ['user'] },
          { admin: { user: [] } },
          '{"admin":"user"}',
          '{"admin":["a"],"admin":["b"]}',
        ],
        expected: 'must map roles to lists of roles, no name empty; as text it is JSON, such as {"admin":["manager"]}',
      },
      {
        names: ['issuers'],
        values: [null, 5, 'https://a.test', '{}', '[5]', {}, ['https://a.test'], [[]], [null], new Map()],
        expected:
          'must be a list of issuers, each a mapping of its settings; as text it is JSON, such as [{"issuer":"https://idp.example.com"}]',
      },
      { names: ['error_detail'], values: ['', 'none', 'Full', null, true], expected: 'must be full or minimal' },
      {
        names: ['accepted_algorithms'],
        values: ['', [], [''], null, 5],
        expected: `must list at least one of ${ALGORITHMS}`,
      },
      {
        names: ['accepted_algorithms'],
        values: ['none', 'None', 'HS256', 'hs256', 'HS384', 'HS512', 'RS256,none', ['RS256', 'HS256']],
        expected: FORGEABLE,
      },
      {
        names: ['accepted_algorithms'],
        values: ['RS255', 'rs256', 'ES256K', 'RSA-OAEP', 'RS256,constructor', ['RS256', 'Ed448']],
        expected: `must list only ${ALGORITHMS}`,
      },
    ]

    for (const { names, values, expected } of nonsense) {
      for (const name of names) {
        for (const value of values) {
          it(`${name}: ${JSON.stringify(value) ?? String(value)}`, () => {
            const problem = {
              where: `auth_client.${name}`,
              env: `AUTH_CLIENT_${name.toUpperCase()}`,
              message: expected,
            }
            const options = { ...VALID, [camelCase(name)]: value } as AuthClientOptions
            expect(problemsOf({ options })).to.deep.include(problem)
            if (typeof value !== 'string') return
            const { [name]: _overridden, ...others } = { ...VALID } as Record<string, string>
            expect(problemsOf({ options: others, env: { [problem.env]: value } })).to.deep.include(problem)
          })
        }
      }
    }

    it('in files as well', () => {
      const configFiles = [file('nonsense.yaml', 'auth_client: { enabled: maybe, jwks_ttl_seconds: 10abc }')]
      expect(problemsOf({ options: VALID, configFiles }).map(({ message }) => message)).to.deep.equal([
        BOOLEAN,
        POSITIVE,
      ])
    })

    it('but not when a stronger source puts them right', () => {
      const configFiles = [file('overridden.yaml', 'auth_client: { enabled: maybe }')]
      expect(load({ options: { ...VALID, enabled: true }, configFiles })).to.deep.equal(DEFAULTS)
    })
  })

  describe('name the issuer and the audience', () => {
    const REQUIRED = [
      {
        where: 'auth_client.issuer',
        env: 'AUTH_CLIENT_ISSUER',
        message: 'is required: the exact iss of your tokens, such as https://idp.example.com',
      },
      {
        where: 'auth_client.audience',
        env: 'AUTH_CLIENT_AUDIENCE',
        message: 'is required: the aud that your tokens carry for this API',
      },
    ]

    for (const { what, sources } of [
      { what: 'nowhere', sources: {} },
      { what: 'as empty variables', sources: { env: { AUTH_CLIENT_ISSUER: '', AUTH_CLIENT_AUDIENCE: '' } } },
      { what: 'as empty options', sources: { options: { issuer: '', audience: '' } } },
      { what: 'as an empty list', sources: { options: { issuer: '', audience: [] } } },
    ] satisfies readonly { what: string; sources: SettingsSources }[]) {
      it(`not ${what}`, () => {
        expect(problemsOf(sources)).to.deep.equal(REQUIRED)
      })
    }

    it('unless nothing is enforced', () => {
      expect(load({ env: { AUTH_CLIENT_ENABLED: 'false' } })).to.include({ enabled: false, issuer: '' })
    })

    it('as good ones even then', () => {
      const options = { enabled: false, issuer: 'http://idp.example.com' }
      expect(problemsOf({ options }).map(({ where }) => where)).to.deep.equal(['auth_client.issuer'])
    })

    it('even when it is unclear whether anything is enforced', () => {
      expect(problemsOf({ env: { AUTH_CLIENT_ENABLED: 'maybe' } }).map(({ where }) => where)).to.deep.equal([
        'auth_client.enabled',
        'auth_client.issuer',
        'auth_client.audience',
      ])
    })
  })

  describe('fail with one error', () => {
    const sources = (): SettingsSources => ({
      configFiles: [
        join(folder, 'not-there.yaml'),
        file(
          'bad.yaml',
          'auth_client: { issuer: "http://secret-1.test", colour: secret-2, max_token_bytes: secret-3 }',
        ),
        file('worse.yaml', 'auth_client: { issuer: "secret-4'),
      ],
      env: { AUTH_CLIENT_ENABLED: 'secret-5', AUTH_CLIENT_COLOUR: 'secret-6', AUTH_CLIENT_issuer: 'secret-7' },
      options: {
        jwksTimeoutMs: 'secret-8',
        tokenType: 'secret-9',
        roleClaims: ['', 'secret-10'],
      } as unknown as AuthClientOptions,
    })

    it('that lists every problem by setting, variable and option', () => {
      const message = messageOf(sources())
      expect(message.split('\n').map((line) => line.replaceAll(`${folder}/`, '').replace(/: .*/, ''))).to.deep.equal([
        'The application cannot be secured as configured:',
        '  - not-there.yaml',
        '  - worse.yaml',
        '  - auth_client.colour in bad.yaml',
        '  - AUTH_CLIENT_COLOUR',
        '  - AUTH_CLIENT_issuer',
        '  - option tokenType',
        '  - auth_client.enabled (AUTH_CLIENT_ENABLED)',
        '  - auth_client.issuer in bad.yaml (AUTH_CLIENT_ISSUER)',
        '  - auth_client.jwks_timeout_ms (AUTH_CLIENT_JWKS_TIMEOUT_MS)',
        '  - auth_client.max_token_bytes in bad.yaml (AUTH_CLIENT_MAX_TOKEN_BYTES)',
        '  - auth_client.role_claims (AUTH_CLIENT_ROLE_CLAIMS)',
        '  - auth_client.audience (AUTH_CLIENT_AUDIENCE)',
      ])
    })

    it('that names what is known where something is not', () => {
      const message = messageOf(sources())
      expect(message).to.contain(
        'AUTH_CLIENT_COLOUR: is not a setting; known are AUTH_CLIENT_ENABLED, AUTH_CLIENT_ISSUER',
      )
      expect(message).to.contain(
        'option tokenType: is not a setting (did you mean tokenTypes?); known are enabled, issuer, audience, jwksEndpoint',
      )
      expect(message).to.match(/option tokenType: .*, devKeys, configFiles, env, roleResolver$/m)
    })

    it('that never repeats a value', () => {
      const error = failure(() => load(sources()))
      expect(JSON.stringify([error.message, error.problems, error.cause ?? null])).not.to.contain('secret-')
    })
  })

  describe('once read', () => {
    it('are frozen, lists included', () => {
      const settings = load({ options: { ...VALID, audience: ['api'] } })
      expect(settings).to.be.frozen
      for (const value of Object.values(settings)) expect(Object.isFrozen(value)).to.equal(true)
      const { roleHierarchy } = load({ options: { ...VALID, roleHierarchy: { a: ['b'] } } })
      expect(roleHierarchy['a']).to.be.frozen
    })

    it('leave options and environment as they were', () => {
      const audience = ['api']
      const options = { ...VALID, audience, acceptedAlgorithms: 'ES256' as const }
      const env = { AUTH_CLIENT_ENABLED: 'true' }
      const before = structuredClone({ options, env })
      load({ options: options as unknown as AuthClientOptions, env })
      expect({ options, env }).to.deep.equal(before)
      expect(audience).not.to.be.frozen
    })

    it("don't change with the options", () => {
      const audience = ['api']
      const settings = load({ options: { ...VALID, audience } })
      audience.push('other')
      expect(settings.audience).to.deep.equal(['api'])
    })

    it("don't share anything with settings read before", () => {
      const first = load({ options: { ...VALID, audience: ['first'] } })
      const second = load({ options: { ...VALID, audience: ['second'] } })
      expect([first.audience, second.audience]).to.deep.equal([['first'], ['second']])
    })
  })

  function problemsOf(sources: SettingsSources) {
    return failure(() => load(sources)).problems
  }
})

function failure(run: () => unknown): AuthConfigurationError {
  try {
    run()
  } catch (error) {
    expect(error).to.be.instanceOf(AuthConfigurationError)
    return error as AuthConfigurationError
  }
  throw new Error('nothing was refused')
}

/** JSON is YAML, but this is what people write. */
function yaml(settings: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)
  return ['auth_client:', ...lines].join('\n')
}

function billionLaughs(): string {
  const names = ['a', 'b', 'c', 'd', 'e']
  const lines = names.map(
    (name, i) => `${name}: &${name} [${Array(10).fill(i === 0 ? 'secret-value' : `*${names[i - 1]}`)}]`,
  )
  return [...lines, 'auth_client: { audience: *e }'].join('\n')
}

/** How the environment writes a value. */
function variableText(value: unknown): string {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMapping ? JSON.stringify(value) : String(value)
}
