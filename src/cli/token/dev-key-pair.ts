import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SignatureAlgorithm } from '../../config/auth-client-settings.js'
import { DEV_KEY_PREFIX, DEV_KEYS_FOLDER, devKeyFile } from '../../keys/dev-keys.js'
import { generateSigningKeyPair } from '../../testing/generate-signing-key-pair.js'
import { type SigningKeyPair, signingKeyPair } from '../../testing/signing-key-pair.js'
import { CommandError } from '../command-error.js'

/** A key that signs development tokens, and the id by which an application finds it. */
export interface DevKeyPair {
  readonly keyPair: SigningKeyPair
  readonly kid: string
}

/**
 * A developer's own key pair for an algorithm. The first time, it is made: the private key for its owner's eyes alone,
 * the public one beside it, in a folder that git ignores.
 *
 * @throws {CommandError} when the files can't be written, or hold no key.
 */
export async function devKeyPair(algorithm: SignatureAlgorithm, cwd: string): Promise<DevKeyPair> {
  const folder = resolve(cwd, DEV_KEYS_FOLDER)
  const file = join(folder, `${algorithm}.private.pem`)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, '.gitignore'), '*\n')
    const keyPair = await signingKeyPair(algorithm, await privateKey(file, algorithm))
    const kid = `${DEV_KEY_PREFIX}${keyPair.kid}`
    writeFileSync(devKeyFile(folder, algorithm), `${JSON.stringify({ ...keyPair.publicJwk, kid }, null, 2)}\n`)
    return { keyPair, kid }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const what = code === undefined || code.startsWith('ERR_') ? 'holds no private key; delete it' : `(${code})`
    throw new CommandError(`${join(DEV_KEYS_FOLDER, `${algorithm}.private.pem`)} ${what}`, { cause })
  }
}

async function privateKey(file: string, algorithm: SignatureAlgorithm): Promise<string> {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const { privateKeyPem } = await generateSigningKeyPair(algorithm)
    writeFileSync(file, privateKeyPem, { mode: 0o600, flag: 'wx' })
    return privateKeyPem
  }
}
