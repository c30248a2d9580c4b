import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { PlainRoute } from '../../controllers/plain-route.js'
import type { RouteDescription } from '../../controllers/route-table.js'
import { CommandError } from '../command-error.js'

/** Who may call which route: `GET /orders/:id` to "scope orders:read". */
export type RouteLock = Readonly<Record<string, string>>

const VERSION = 1

/**
 * The lock of these routes, in an order that doesn't depend on theirs.
 *
 * @param plain those added by hand; one that is a controller's as well stands beside that, since either may answer
 */
export function routeLock(routes: readonly RouteDescription[], plain: readonly PlainRoute[]): RouteLock {
  const byHand = plain.map(({ sentence, ...route }) => ({ ...route, sentence: `${sentence} (by hand)` }))
  const all = [...routes, ...byHand].toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method))
  const lock = new Map<string, Set<string>>()
  for (const { method, path, sentence } of all) {
    const name = `${method} ${path}`
    lock.set(name, new Set(lock.get(name)).add(sentence))
  }
  return Object.fromEntries([...lock].map(([name, sentences]) => [name, [...sentences].join('; ')]))
}

/** @throws {CommandError} when the file can't be written. */
export function writeLock(file: string, lock: RouteLock, cwd: string): void {
  try {
    writeFileSync(resolve(cwd, file), `${JSON.stringify({ version: VERSION, routes: lock }, undefined, 2)}\n`)
  } catch (error) {
    throw new CommandError(`${file}: it can't be written (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
}

/** @throws {CommandError} when there is no such file, or it is no lock of ours. */
export function readLock(file: string, cwd: string): RouteLock {
  const content = read(file, cwd)
  const { version, routes } = Object(parsed(content) ?? {}) as { readonly version?: unknown; readonly routes?: unknown }
  if (version !== VERSION || !isLock(routes)) throw new CommandError(`${file}: it is no lock file of this version`)
  return routes
}

function read(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8')
  } catch (error) {
    throw new CommandError(`${file}: it can't be read; write it with --lock ${file}`, { cause: error })
  }
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

function isLock(value: unknown): value is RouteLock {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((sentence) => typeof sentence === 'string')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
