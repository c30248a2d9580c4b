import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { runIn } from '../support/command.js'

const ORDERS = new URL('modules/orders.ts', import.meta.url).href
const KOA = pathToFileURL(createRequire(import.meta.url).resolve('koa')).href

describe('a module that a command is given', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'module-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const routes = (file: string, code: string, ...args: readonly string[]) => {
    writeFileSync(join(folder, file), code)
    return runIn({ cwd: folder }, 'routes', file, ...args)
  }

  for (const { what, file = 'module.mjs', code, args = [] } of [
    { what: 'a function', code: `export { createContainer } from '${ORDERS}'` },
    { what: 'a function as its default', code: `export { createContainer as default } from '${ORDERS}'` },
    {
      what: 'a container',
      code: `import { createContainer } from '${ORDERS}'; export const container = await createContainer()`,
    },
    {
      what: 'a promise of a container',
      code: `import { createContainer } from '${ORDERS}'; export const container = createContainer()`,
    },
    {
      what: 'a container beside an application as its default',
      code: `import Koa from '${KOA}'; export default new Koa(); export { createContainer } from '${ORDERS}'`,
    },
    {
      what: 'a function beside a class as its default',
      code: `export default class App {}; export { createContainer } from '${ORDERS}'`,
    },
    {
      what: 'a function, as CommonJS',
      file: 'module.cjs',
      code: `exports.createContainer = async () => (await import('${ORDERS}')).createContainer()`,
    },
    {
      what: 'a function, as CommonJS that only running it tells',
      file: 'module.cjs',
      code: `module.exports = { async createContainer() { return (await import('${ORDERS}')).createContainer() } }`,
    },
    {
      what: 'a default, as CommonJS compiled from a module',
      file: 'module.cjs',
      code: `const made = { default: async () => (await import('${ORDERS}')).createContainer() }; module.exports = made`,
    },
    {
      what: 'a function by another name',
      code: `export { createContainer as production } from '${ORDERS}'`,
      args: ['--export', 'production'],
    },
  ]) {
    it(`may export ${what}`, async () => {
      const { code: exitCode, out, err } = await routes(file, code, ...args)
      expect({ exitCode, err }).to.deep.equal({ exitCode: 0, err: '' })
      expect(out).to.contain('OrderController.list')
    })
  }

  for (const { what, file = 'module.mjs', code, says } of [
    {
      what: 'when it throws',
      code: 'function connect() {\n  throw new Error("no database")\n}\nconnect()',
      says: [
        "module.mjs: it can't be loaded: no database",
        '    at connect (FOLDER/module.mjs:2:9)',
        '    at FOLDER/module.mjs:4:1',
      ],
    },
    {
      what: 'when its function throws',
      code: 'export function createContainer() {\n  throw new Error("no database")\n}',
      says: ["module.mjs: it can't be loaded: no database", '    at createContainer (FOLDER/module.mjs:2:9)'],
    },
    {
      what: 'when its function fails later',
      file: 'module.ts',
      code: 'export async function createContainer(): Promise<never> {\n  await undefined\n  throw new Error("no database")\n}',
      says: ["module.ts: it can't be loaded: no database", '    at createContainer (FOLDER/module.ts:3:9)'],
    },
    {
      what: 'when a promise it exports fails',
      code: 'export const container = Promise.reject("no database")\ncontainer.catch(() => undefined)',
      says: ["module.mjs: it can't be loaded: no database"],
    },
    {
      what: 'when it imports what is not there',
      code: 'import { nothing } from "node:fs"',
      says: [
        "module.mjs: it can't be loaded: The requested module 'node:fs' does not provide an export named 'nothing'",
        '    at FOLDER/module.mjs:1',
      ],
    },
    {
      what: 'when a class is all it exports',
      code: 'export default class App {}',
      says: ['module.mjs: default is a class; export a container, or a function that makes one'],
    },
    {
      what: 'when nothing it exports is a container',
      code: 'export default {}; export const container = 5',
      says: [
        'module.mjs: default is no container, container is no container; export a container, or a function that makes one',
      ],
    },
    {
      what: 'when its function makes something else',
      code: 'export default () => 5',
      says: ['module.mjs: default is no container, and makes none'],
    },
  ]) {
    it(`is named with the reason, and no more than its own lines, ${what}`, async () => {
      const { code: exitCode, out, err } = await routes(file, code)
      expect({ exitCode, out }).to.deep.equal({ exitCode: 2, out: '' })
      const own = err.replaceAll(pathToFileURL(folder).href, 'FOLDER').replaceAll(folder, 'FOLDER')
      expect(own.split('\n')).to.deep.equal(says)
    })
  }

  it('has to be a file', async () => {
    mkdirSync(join(folder, 'src'))
    writeFileSync(join(folder, 'src', 'index.mjs'), `export { createContainer } from '${ORDERS}'`)
    expect(await runIn({ cwd: folder }, 'routes', 'src')).to.deep.equal({
      code: 2,
      out: '',
      err: 'src: it is no file; name the one in it that exports the container',
    })
  })
})
