import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { architectureViolations } from './architecture-rule.js'

describe('the architecture', () => {
  it('holds in every file of src', () => {
    const sources = sourceFiles()
    expect(sources.size).to.be.greaterThan(0)
    expect(architectureViolations(sources)).to.deep.equal([])
  })

  const violations = [
    {
      name: 'an import of a later stage',
      path: 'src/errors/auth-error.ts',
      text: "import { decide } from '../authorization/decide.js'",
      says: 'src/errors/auth-error.ts:1 imports authorization, a later stage than errors',
    },
    {
      name: 'a type of a later stage',
      path: 'src/tokens/claims.ts',
      text: "\nexport type Late = import('../http/router.js').Router",
      says: 'src/tokens/claims.ts:2 imports http, a later stage than tokens',
    },
    {
      name: 'a re-export of a later stage',
      path: 'src/keys/index.ts',
      text: "export { SecurityContext } from '../context/security-context.js'",
      says: 'src/keys/index.ts:1 imports context, a later stage than keys',
    },
    {
      name: 'a dynamic import of a later stage',
      path: 'src/config/load.ts',
      text: "export const late = () => import('../testing/index.js')",
      says: 'src/config/load.ts:1 imports testing, a later stage than config',
    },
    {
      name: 'an import of the main entry',
      path: 'src/cli/main.ts',
      text: "import { AuthModule } from '../index.js'",
      says: 'src/cli/main.ts:1 imports index.ts, a later stage than cli',
    },
    {
      name: 'the package imported by its own name',
      path: 'src/testing/kit.ts',
      text: "import { AuthModule } from 'inversify-koa-auth'",
      says: 'src/testing/kit.ts:1 imports the package by its own name',
    },
    ...['koa', '@koa/router', 'co-body', 'koa-compose'].map((name) => ({
      name: `${name} before the controllers`,
      path: 'src/authentication/bearer-token.ts',
      text: `import type Anything from '${name}'`,
      says: `src/authentication/bearer-token.ts:1 imports ${name} in authentication`,
    })),
    {
      name: 'inversify outside a module',
      path: 'src/tokens/validator.ts',
      text: "import { injectable } from 'inversify'",
      says: 'src/tokens/validator.ts:1 imports inversify in tokens, outside a module',
    },
    {
      name: "inversify's other types outside a module",
      path: 'src/tokens/validator.ts',
      text: "import type { Container, ServiceIdentifier } from 'inversify'",
      says: 'src/tokens/validator.ts:1 imports inversify in tokens, outside a module',
    },
    {
      name: 'node-forge outside the test kit',
      path: 'src/keys/import-key.ts',
      text: "import forge from 'node-forge'",
      says: 'src/keys/import-key.ts:1 imports node-forge outside testing',
    },
    {
      name: 'a default export',
      path: 'src/errors/auth-error.ts',
      text: 'export default class AuthError {}',
      says: 'src/errors/auth-error.ts:1 has a default export',
    },
    {
      name: 'a default export by name',
      path: 'src/errors/auth-error.ts',
      text: 'const a = 1\nexport { a as default }',
      says: 'src/errors/auth-error.ts:2 has a default export',
    },
    {
      name: 'a star in the main entry',
      path: 'src/index.ts',
      text: "export * from './errors/auth-error.js'",
      says: 'src/index.ts:1 is not a re-export by name',
    },
    {
      name: 'code in the main entry',
      path: 'src/index.ts',
      text: 'export const version = 1',
      says: 'src/index.ts:1 is not a re-export by name',
    },
    {
      name: 'the test kit in the main entry',
      path: 'src/index.ts',
      text: "export { AuthTestKit } from './testing/index.js'",
      says: 'src/index.ts:1 imports testing, an entry point of its own',
    },
    {
      name: 'a folder nobody listed',
      path: 'src/utils/misc.ts',
      text: '',
      says: 'src/utils/misc.ts is in no folder of the list',
    },
    { name: 'a file in no folder', path: 'src/misc.ts', text: '', says: 'src/misc.ts is in no folder of the list' },
    {
      name: 'a long file',
      path: 'src/errors/auth-error.ts',
      text: '// line\n'.repeat(251),
      says: 'src/errors/auth-error.ts has 251 lines, more than 250',
    },
  ]
  for (const { name, path, text, says } of violations) {
    it(`refuses ${name}`, () => {
      expect(architectureViolations(new Map([[path, text]]))).to.deep.equal([says])
    })
  }

  const welcome = [
    { name: 'koa in http', path: 'src/http/router.ts', text: "import Koa from 'koa'" },
    {
      name: 'an earlier stage',
      path: 'src/http/router.ts',
      text: "import { decide } from '../authorization/decide.js'",
    },
    { name: 'the own folder', path: 'src/errors/auth-error.ts', text: "import { REASONS } from './reasons.js'" },
    {
      name: 'inversify in a module',
      path: 'src/keys/keys-module.ts',
      text: "import { ContainerModule } from 'inversify'",
    },
    {
      name: 'the type of an identifier anywhere',
      path: 'src/keys/key-source.ts',
      text: "import type { ServiceIdentifier } from 'inversify'",
    },
    {
      name: 'the type of an identifier, marked by itself, anywhere',
      path: 'src/keys/key-source.ts',
      text: "import { type ServiceIdentifier } from 'inversify'",
    },
    { name: 'node-forge in the test kit', path: 'src/testing/key-pair.ts', text: "import forge from 'node-forge'" },
    {
      name: 're-exports by name in the main entry',
      path: 'src/index.ts',
      text: "export { A } from './errors/a.js'\nexport type { B } from './http/b.js'",
    },
    { name: 'a file of 250 lines', path: 'src/errors/full.ts', text: '// line\n'.repeat(250) },
  ]
  for (const { name, path, text } of welcome) {
    it(`allows ${name}`, () => {
      expect(architectureViolations(new Map([[path, text]]))).to.deep.equal([])
    })
  }
})

function sourceFiles(): ReadonlyMap<string, string> {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return new Map(files.map((path) => [`src/${path.replaceAll('\\', '/')}`, readFileSync(join('src', path), 'utf8')]))
}
