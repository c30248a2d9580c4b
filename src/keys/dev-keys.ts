import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CryptoKey, JWTHeaderParameters } from 'jose'
import { KeySet } from './key-set.js'
import type { KeySource } from './key-source.js'

/** Where a developer's keys are, in the directory that the application is started in. */
export const DEV_KEYS_FOLDER = '.auth-dev'

/** What the id of every such key begins with, so that no other token costs a look at the files. */
export const DEV_KEY_PREFIX = 'dev:'

/** The file with the public key for an algorithm. */
export function devKeyFile(folder: string, algorithm: string): string {
  return join(folder, `${algorithm}.public.json`)
}

/**
 * The keys of another source, and a developer's own beside them. Not for production.
 *
 * The files are read whenever one of their keys is asked for: one that is made while the application is running
 * counts at once, and one that is deleted doesn't any more.
 */
export class DevKeys implements KeySource {
  readonly #source: KeySource
  readonly #folder: string
  readonly #issuers = new Map<string, KeySource | undefined>()
  /** By a file's text, so that the same key stays the same object. */
  readonly #sets = new Map<string, KeySet | undefined>()

  /** @param folder relative to where the process runs */
  constructor(source: KeySource, folder = DEV_KEYS_FOLDER) {
    this.#source = source
    this.#folder = resolve(folder)
  }

  async keyFor(header: Readonly<JWTHeaderParameters>): Promise<CryptoKey> {
    return (isDevKey(header) && (await this.#devKey(header))) || this.#source.keyFor(header)
  }

  keyAtHand(header: Readonly<JWTHeaderParameters>): CryptoKey | undefined {
    return isDevKey(header) ? undefined : this.#source.keyAtHand?.(header)
  }

  forIssuer(issuer: string): KeySource | undefined {
    if (!this.#issuers.has(issuer)) {
      const keys = this.#source.forIssuer?.(issuer)
      this.#issuers.set(issuer, keys && new DevKeys(keys, this.#folder))
    }
    return this.#issuers.get(issuer)
  }

  async #devKey(header: Readonly<JWTHeaderParameters>): Promise<CryptoKey | undefined> {
    const text = await textOf(devKeyFile(this.#folder, header.alg))
    if (text === undefined) return undefined
    if (!this.#sets.has(text)) this.#sets.set(text, keySet(text))
    return this.#sets.get(text)?.find(header)
  }
}

function isDevKey({ kid, alg }: Readonly<JWTHeaderParameters>): boolean {
  return kid?.startsWith(DEV_KEY_PREFIX) === true && /^[A-Za-z0-9-]+$/.test(alg)
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}

function keySet(text: string): KeySet | undefined {
  try {
    return KeySet.parse({ keys: [JSON.parse(text)] })
  } catch {
    return undefined
  }
}
