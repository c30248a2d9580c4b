import { CompactEncrypt, compactDecrypt, errors } from 'jose'
import { IdentityEnvelopeError } from '../errors/identity-envelope-error.js'
import { base64urlBytes } from '../tokens/base64url.js'
import { jsonObject } from '../tokens/json-object.js'
import { type IdentityEnvelope, identityEnvelope } from './identity-envelope.js'
import { type IdentitySecret, identityKeys } from './identity-secret.js'

const HEADER = { alg: 'dir', enc: 'A256GCM', typ: 'identity+jwe' }

/** How every sealed identity begins: this very header, to the letter, and no encrypted key. Nobody chooses an algorithm. */
const BEGINNING = `${Buffer.from(JSON.stringify(HEADER)).toString('base64url')}..`

/** What is longer is not even decoded, in characters. */
const LONGEST = 65_536

/**
 * Encrypts an envelope so that only holders of the secret can read it, or make another: a compact JWE (RFC 7516,
 * section 7.1) with `alg: dir`, `enc: A256GCM` and `typ: identity+jwe`.
 *
 * Keep the secret to this one use. One secret is good for some four billion seals (NIST SP 800-38D, section 8.3).
 *
 * @throws {AuthConfigurationError} when the secret is anything else than 32 bytes, or their base64url text.
 * @throws {IdentityEnvelopeError} `identity_malformed` when it is no envelope.
 * @throws {RangeError} when the result would be longer than 65536 characters, which `openIdentity` refuses.
 *
 * @example
 * ```ts
 * import { captureIdentity, sealIdentity } from 'inversify-koa-auth'
 *
 * export const sealed = (secret: string) => sealIdentity(captureIdentity(), secret)
 * ```
 */
export async function sealIdentity(envelope: IdentityEnvelope, secret: IdentitySecret): Promise<string> {
  const [key] = identityKeys([secret]) as readonly [Uint8Array]
  const payload = Buffer.from(JSON.stringify(identityEnvelope(envelope)))
  const sealed = await new CompactEncrypt(payload).setProtectedHeader(HEADER).encrypt(key)
  if (sealed.length > LONGEST) throw new RangeError('the identity is too large to be sealed')
  return sealed
}

/**
 * The envelope in what `sealIdentity` made. Its times are not looked at: that is `runWithIdentity`'s part.
 *
 * @param secrets the secret, or several while one takes another's place: any of them will do
 * @throws {AuthConfigurationError} listing every secret that is not 32 bytes, or their base64url text.
 * @throws {IdentityEnvelopeError} `identity_unsealed` when none of the secrets opens it, because it is cut, changed,
 * foreign or longer than 65536 characters; `identity_malformed` when what is inside is no envelope of this version.
 *
 * @example
 * ```ts
 * import { openIdentity, runWithIdentity } from 'inversify-koa-auth'
 *
 * export async function work(sealed: string, secrets: readonly string[], job: () => Promise<void>) {
 *   await runWithIdentity(await openIdentity(sealed, secrets), job, { maxAgeSeconds: 900 })
 * }
 * ```
 */
export async function openIdentity(
  sealed: string,
  secrets: IdentitySecret | readonly IdentitySecret[],
): Promise<IdentityEnvelope> {
  const keys = identityKeys(isList(secrets) ? secrets : [secrets])
  if (!isSealed(sealed)) throw new IdentityEnvelopeError('identity_unsealed')
  for (const key of keys) {
    const payload = await decrypted(sealed, key)
    if (payload !== undefined) return identityEnvelope(jsonObject(payload))
  }
  throw new IdentityEnvelopeError('identity_unsealed')
}

function isList(secrets: IdentitySecret | readonly IdentitySecret[]): secrets is readonly IdentitySecret[] {
  return Array.isArray(secrets)
}

/** Whether it is one of ours by its looks. Every part has one spelling, so that a changed character never goes unnoticed. */
function isSealed(sealed: unknown): sealed is string {
  if (typeof sealed !== 'string' || sealed.length > LONGEST || !sealed.startsWith(BEGINNING)) return false
  const parts = sealed.slice(BEGINNING.length).split('.', 4)
  return parts.length === 3 && parts.every((part) => base64urlBytes(part) !== undefined)
}

async function decrypted(sealed: string, key: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const { plaintext } = await compactDecrypt(sealed, key)
    return plaintext
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}
