import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { TokenInvalidError } from '../../errors/token-invalid-error.js'
import { KeySet } from '../../keys/key-set.js'
import type { KeySource } from '../../keys/key-source.js'
import { CommandError } from '../command-error.js'

/**
 * The keys in a file, for whichever issuer.
 *
 * @throws {CommandError} when it can't be read, or is no JWK Set.
 */
export function offlineKeys(file: string, cwd: string): KeySource {
  const set = KeySet.parse(parsed(file, cwd))
  if (set === undefined) throw new CommandError(`${file}: is no JWK Set (RFC 7517, section 5)`)
  const source: KeySource = {
    keyFor: async (header) => {
      const key = await set.find(header)
      if (key === undefined) throw new TokenInvalidError('key_unknown')
      return key
    },
    forIssuer: () => source,
  }
  return source
}

function parsed(file: string, cwd: string): unknown {
  try {
    return JSON.parse(readFileSync(resolve(cwd, file), 'utf8'))
  } catch (cause) {
    const what = cause instanceof SyntaxError ? 'is not JSON' : 'the file cannot be read'
    throw new CommandError(`${file}: ${what}`, { cause })
  }
}
