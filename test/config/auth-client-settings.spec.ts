import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import ts from 'typescript'
import { camelCase } from '../../src/config/camel-case.js'
import { ISSUER_SETTING_NAMES, SETTING_NAMES } from '../../src/config/schema.js'

const FILE = fileURLToPath(new URL('../../src/config/auth-client-settings.ts', import.meta.url))

/** What an editor shows for the members of a type, by their names. */
function shown(type: string): Readonly<Record<string, string>> {
  const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(exported(type)))
  return Object.fromEntries(
    members.map((member) => [member.name, ts.displayPartsToString(member.getDocumentationComment(checker))]),
  )
}

const program = ts.createProgram([FILE], { noResolve: true, lib: ['lib.es5.d.ts'], types: [], strict: true })
const checker = program.getTypeChecker()
const module = checker.getSymbolAtLocation(program.getSourceFile(FILE) as ts.SourceFile) as ts.Symbol

/** The type, where a value is exported by the same name. */
function exported(type: string): ts.Symbol {
  return checker.getExportsOfModule(module).find(({ name }) => name === type) as ts.Symbol
}

describe('an editor shows what a setting means', () => {
  for (const { type, names } of [
    { type: 'AuthClientSettings', names: SETTING_NAMES },
    { type: 'AuthClientOptions', names: SETTING_NAMES },
    { type: 'IssuerSettings', names: ISSUER_SETTING_NAMES },
    { type: 'IssuerOptions', names: ISSUER_SETTING_NAMES },
  ]) {
    it(`among ${type}`, () => {
      const texts = shown(type)
      expect(Object.keys(texts)).to.have.members(names.map(camelCase))
      expect(Object.keys(texts).filter((name) => texts[name] === '')).to.deep.equal([])
      expect(texts['jwksTtlSeconds']).to.equal('Age at which the key set is refreshed, in seconds.')
    })
  }
})
