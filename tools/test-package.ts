/**
 * Proves that the packed tarball works where users are: an empty, strict TypeScript project that has
 * only the package and its peers. README's quickstart is compiled there with every library checked,
 * and run both as tsc's output and under tsx; `package/smoke.ts` makes the requests. The command is tried as well.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { codeBlocks } from './docs/markdown.js'

const PEERS = ['inversify', 'koa', 'node-forge', 'reflect-metadata']
const TOOLS = ['@types/koa', '@types/node', 'tsx', 'typescript']

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    experimentalDecorators: true,
    rootDir: 'src',
    outDir: 'out',
  },
  include: ['src'],
}

const project = mkdtempSync(join(tmpdir(), 'inversify-koa-auth-'))
try {
  if (!existsSync('dist/index.js')) throw new Error('there is no dist to pack; run npm run build')
  const quickstart = quickstartOn(await freePort())
  installInto(project, pack())
  mkdirSync(join(project, 'src'))
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  writeFileSync(join(project, 'src/main.ts'), quickstart.code)
  copyFileSync('tools/package/smoke.ts', join(project, 'src/smoke.ts'))
  copyFileSync('tools/package/container.ts', join(project, 'src/container.ts'))

  step('compiles under strict, libraries included', 'npx', ['--no', '--', 'tsc'])
  step('runs as compiled by tsc', 'node', ['out/smoke.js', 'out/main.js', quickstart.origin])
  const routes = ['--no', '--', 'inversify-koa-auth', 'routes']
  step('lists routes of what tsc has compiled', 'npx', [...routes, 'out/container.js', '--lock', 'authz.lock.json'])
  step('lists routes of TypeScript', 'npx', [...routes, 'src/container.ts', '--check', '--explicit'])
  const token = ['--no', '--', 'inversify-koa-auth', 'token', '--module', 'src/container.ts']
  step('makes development tokens', 'npx', [...token, '--sub', 'ann', '--role', 'admin'])
  step('runs under tsx', 'npx', ['--no', '--', 'tsx', 'src/smoke.ts', 'src/main.ts', quickstart.origin])
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}

/** README's quickstart, listening on `port`, so that a busy 3000 is no failure. */
function quickstartOn(port: number): { readonly code: string; readonly origin: string } {
  const block = codeBlocks(readFileSync('README.md', 'utf8')).find(({ note }) => note === 'example: quickstart')
  if (block === undefined) throw new Error('README.md has no ts block after <!-- example: quickstart -->')
  if (!block.code.includes('listen(3000,')) throw new Error("README.md's quickstart does not listen(3000, …)")
  return { code: block.code.replace('listen(3000,', `listen(${port},`), origin: `http://127.0.0.1:${port}` }
}

function pack(): string {
  const packed = capture('npm', ['pack', '--json', '--pack-destination', project])
  const [tarball] = JSON.parse(packed) as readonly { readonly filename: string }[]
  if (tarball === undefined) throw new Error('npm pack made no tarball')
  return join(project, tarball.filename)
}

/** Installs the tarball beside the very versions this repository is developed with. */
function installInto(folder: string, tarball: string): void {
  const dependencies = Object.fromEntries([...PEERS, ...TOOLS].map((name) => [name, installedVersion(name)]))
  const manifest = { name: 'scratch', private: true, type: 'module', dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  step('installs', 'npm', ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'])
}

function installedVersion(name: string): string {
  const manifest = JSON.parse(readFileSync(resolve('node_modules', name, 'package.json'), 'utf8'))
  return manifest.version as string
}

/** Runs one command in the scratch project and reports it; its output is shown only when it fails. */
function step(title: string, command: string, arguments_: readonly string[]): void {
  const begun = performance.now()
  const { status, stdout, stderr } = spawnSync(command, arguments_, {
    cwd: project,
    encoding: 'utf8',
    env: environment(),
    timeout: 180_000,
  })
  if (status !== 0) throw new Error(`the packed tarball: "${title}" failed\n${stdout}${stderr}`)
  console.log(`  ${title} (${((performance.now() - begun) / 1000).toFixed(1)} s)`)
}

function capture(command: string, arguments_: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, arguments_, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${arguments_.join(' ')} failed\n${stderr}`)
  return stdout
}

/** The caller's environment without this repository's npm settings and without settings of the library. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_package|npm_lifecycle|AUTH_CLIENT)_/i.test(name)),
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
