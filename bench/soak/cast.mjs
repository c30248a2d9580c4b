import { createHmac, createPublicKey, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { requestFor } from '../requests.mjs'
import { claims, signed, signingInput, signMany, subject } from '../tokens.mjs'

const FEW = 20

/**
 * Everything that clients will try with one key, by kind.
 *
 * @param stranger a key that the issuer has never published
 * @param lifetime of the short-lived tokens, in seconds
 */
export async function castFor(key, stranger, { tokensPerKey, lifetime }) {
  return {
    good: await genuine(key, tokensPerKey, { says: 'a good token', status: 200 }),
    viewers: await genuine(key, FEW, { says: 'a token without the role', status: 403 }, { role: 'viewer' }),
    shortLived: await genuine(key, FEW, { says: 'a short-lived token', status: 200 }, { lifetime }),
    forged: forgeries(key, stranger),
  }
}

async function genuine(key, count, attempt, options = {}) {
  const payloads = Array.from({ length: count }, () => claims(subject(randomInt(1_000_000)), options))
  const tokens = await signMany(payloads, key)
  return tokens.map((token, index) => ({
    ...attempt,
    request: requestFor(token),
    kid: key.kid,
    subject: payloads[index].sub,
    expires: payloads[index].exp * 1000,
    forged: false,
    needsKey: true,
  }))
}

/** Tokens that nobody may ever get in with. */
function forgeries(key, stranger) {
  const { kid, alg } = key
  const payload = () => claims(subject(0), { role: 'admin' })
  const makers = {
    'a signature by a stranger': () => signed(payload(), { ...stranger, kid }),
    'alg none': () => `${signingInput(payload(), { alg: 'none', kid })}.`,
    'HS256 with the public key': () => hmacSigned(payload(), key),
    'an expired token': () => signed(claims(subject(0), { lifetime: -60 }), key),
    'a tampered role': () => tampered(signed(claims(subject(0), { role: 'viewer' }), key)),
    'a signature cut short': () => signed(payload(), key).slice(0, -8),
    'another algorithm in the header': () => relabelled(signed(payload(), key), { alg: 'PS256', kid }),
    'a signature of nothing': () =>
      `${signingInput(payload(), { alg, kid })}.${randomBytes(256).toString('base64url')}`,
  }
  const forged = Object.entries(makers).flatMap(([says, make]) =>
    Array.from({ length: FEW }, () => forgery(says, make())),
  )
  return [...forged, forgery('no token', undefined)]
}

/** A token whose key id nobody has heard of: new every time, so that each could cause a fetch. */
export function strangerToken() {
  const input = signingInput(claims(subject(0)), { alg: 'RS256', kid: randomUUID() })
  return forgery('an unknown key id', `${input}.${randomBytes(256).toString('base64url')}`)
}

function forgery(says, token) {
  return { says, request: requestFor(token), forged: true, needsKey: token !== undefined }
}

function hmacSigned(payload, { kid, jwk }) {
  const input = signingInput(payload, { alg: 'HS256', kid })
  const secret = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

function tampered(token) {
  const [header, payload, signature] = token.split('.')
  const read = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return [header, Buffer.from(JSON.stringify({ ...read, role: 'admin' })).toString('base64url'), signature].join('.')
}

function relabelled(token, header) {
  const [, payload, signature] = token.split('.')
  return [Buffer.from(JSON.stringify(header)).toString('base64url'), payload, signature].join('.')
}
