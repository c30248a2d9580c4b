import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { AUDIENCE, ISSUER } from './contract.mjs'

const FOLDER = new URL('.tmp/', import.meta.url)
const DAY = 86_400
const TEN_YEARS = 3650 * DAY

const signLater = promisify(sign)

/** A key pair for tests: `rsa` for RS256, `ed25519` for EdDSA. */
export function keyPair(kid, type = 'rsa') {
  const { privateKey } = generateKeyPairSync(type, { modulusLength: 2048 })
  return fromPrivateKey(kid, privateKey)
}

function fromPrivateKey(kid, privateKey) {
  const isRsa = privateKey.asymmetricKeyType === 'rsa'
  const alg = isRsa ? 'RS256' : 'EdDSA'
  const jwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg, use: 'sig' }
  return { kid, alg, digest: isRsa ? 'sha256' : null, privateKey, jwk }
}

/** Claims of the size that identity providers write. */
export function claims(subject, { role = 'manager', lifetime = TEN_YEARS } = {}) {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: ISSUER,
    sub: subject,
    aud: [AUDIENCE, 'https://issuer.example/userinfo'],
    iat: now - DAY,
    exp: now + lifetime,
    jti: randomUUID(),
    scope: 'openid profile email tasks:read tasks:write',
    role,
    org_id: 'org-042',
    email: `${subject}@example.com`,
  }
}

/** A name of constant length, so that every answer has the same size. */
export function subject(number) {
  return `user-${String(number).padStart(6, '0')}`
}

/** What is to be signed. */
export function signingInput(payload, header) {
  return `${encode({ typ: 'JWT', ...header })}.${encode(payload)}`
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** A signed token, at once. */
export function signed(payload, { kid, alg, digest, privateKey }) {
  const input = signingInput(payload, { alg, kid })
  return `${input}.${sign(digest, Buffer.from(input), privateKey).toString('base64url')}`
}

/** Distinct signed tokens, made on the thread pool. */
export async function signMany(payloads, { kid, alg, digest, privateKey }) {
  const tokens = []
  const queue = payloads.entries()
  const work = async () => {
    for (const [index, payload] of queue) {
      const input = signingInput(payload, { alg, kid })
      tokens[index] = `${input}.${(await signLater(digest, Buffer.from(input), privateKey)).toString('base64url')}`
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return tokens
}

/** The issuer's keys: made once, kept on disk beside the tokens they have signed. */
export function issuerKeys() {
  return Object.fromEntries(['rsa', 'ed25519'].map((type) => [type, storedKey(type)]))
}

function storedKey(type) {
  const file = new URL(`${type}.pem`, FOLDER)
  const kid = `bench-${type}`
  const stored = readIfThere(file)
  if (stored !== undefined) return fromPrivateKey(kid, createPrivateKey(stored))
  const key = keyPair(kid, type)
  store(file, key.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return key
}

/** Distinct RS256 tokens. Signing 100,000 takes half a minute, so they are kept on disk for the next run. */
export async function storedTokens(count) {
  const { rsa } = issuerKeys()
  const file = tokenFile(count)
  const stored = readIfThere(file)
  if (stored !== undefined) return stored.trimEnd().split('\n')
  const tokens = await signMany(
    Array.from({ length: count }, (_, number) => claims(subject(number))),
    rsa,
  )
  store(file, `${tokens.join('\n')}\n`)
  return tokens
}

/** Where {@link storedTokens} keeps so many tokens, one a line. */
export function tokenFile(count) {
  return new URL(`tokens-${count}.txt`, FOLDER)
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}

function store(file, text) {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(file, text, { mode: 0o600 })
}
