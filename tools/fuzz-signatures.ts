/**
 * Mutates signed tokens and compares our signature path with jose's: `npm run fuzz:signatures -- --count 1000000`.
 *
 * Whatever we accept, jose has to accept too. Prints how many mutants each outcome had, and exits with 1
 * and the offending token's mutation at the first disagreement. `--seed` repeats a run.
 */
import { parseArgs } from 'node:util'
import { CompactSign, type CryptoKey, compactVerify, exportJWK, generateKeyPair } from 'jose'
import { checkHeader } from '../src/authentication/check-header.js'
import { verifySignature } from '../src/authentication/verify-signature.js'
import type { SignatureAlgorithm } from '../src/config/auth-client-settings.js'
import { KeySet } from '../src/keys/key-set.js'
import { compactJws } from '../src/tokens/compact-jws.js'
import type { RawToken } from '../src/tokens/raw-token.js'

const ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. '
const ACCEPTABLE = { acceptedAlgorithms: ALGORITHMS, tokenTypes: ['JWT'], profile: '' } as const

type Random = (below: number) => number
type Mutation = (token: string, other: string, random: Random) => string

/** Each keeps most of the token, so that many mutants get as far as the signature. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  untouched: (token) => token,
  character: (token, _other, random) => spliced(token, random(token.length), 1, pick(ALPHABET, random)),
  insertion: (token, _other, random) => spliced(token, random(token.length), 0, pick(ALPHABET, random)),
  deletion: (token, _other, random) => spliced(token, random(token.length), 1, ''),
  truncation: (token, _other, random) => token.slice(0, random(token.length)),
  lastCharacter: (token, _other, random) => spliced(token, token.length - 1, 1, pick(ALPHABET, random)),
  signatureBit: (token, _other, random) => withSegment(token, 2, (bytes) => flipBit(bytes, random)),
  payloadBit: (token, _other, random) => withSegment(token, 1, (bytes) => flipBit(bytes, random)),
  headerBit: (token, _other, random) => withSegment(token, 0, (bytes) => flipBit(bytes, random)),
  longerSignature: (token, _other, random) =>
    withSegment(token, 2, (bytes) => Buffer.concat([bytes, Buffer.alloc(1 + random(3))])),
  zeroedSignature: (token) => withSegment(token, 2, (bytes) => bytes.fill(0)),
  otherSignature: (token, other) => [...token.split('.').slice(0, 2), other.split('.')[2]].join('.'),
  otherPayload: (token, other) => [token.split('.')[0], other.split('.')[1], token.split('.')[2]].join('.'),
  otherHeader: (token, other) => [other.split('.')[0], ...token.split('.').slice(1)].join('.'),
  extraSegment: (token) => `${token}.AAAA`,
}

const { values } = parseArgs({
  options: { count: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
})
const random = seeded(Number(values.seed))
const signed = await Promise.all(ALGORITHMS.map(signedTokens))
const outcomes: Record<string, number> = { 'accepted by both': 0, refused: 0 }

for (let i = 0; i < Number(values.count); i++) {
  const { key, set, tokens } = pick(signed, random)
  const [name, mutate] = pick(Object.entries(MUTATIONS), random)
  const mutant = mutate(pick(tokens, random), pick(pick(signed, random).tokens, random), random)
  if (!(await weAccept(mutant, set))) outcomes['refused'] = (outcomes['refused'] ?? 0) + 1
  else if (await joseAccepts(mutant, key)) outcomes['accepted by both'] = (outcomes['accepted by both'] ?? 0) + 1
  else {
    console.error(`accepted what jose refuses: mutation ${name}, seed ${values.seed}, number ${i}\n${mutant}`)
    process.exit(1)
  }
}
console.log(JSON.stringify({ seed: values.seed, count: Number(values.count), ...outcomes }))

async function signedTokens(alg: SignatureAlgorithm) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const set = KeySet.parse({ keys: [{ ...(await exportJWK(publicKey)), kid: 'fuzz' }] }) as KeySet
  const tokens = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      new CompactSign(Buffer.from(JSON.stringify({ sub: `user-${index}`, exp: 4_000_000_000 })))
        .setProtectedHeader({ alg, kid: 'fuzz' })
        .sign(privateKey),
    ),
  )
  return { key: publicKey, set, tokens }
}

async function weAccept(token: string, set: KeySet): Promise<boolean> {
  try {
    const jws = compactJws(token as RawToken)
    checkHeader(jws.header, ACCEPTABLE)
    const key = await set.find(jws.header)
    if (key === undefined) return false
    await verifySignature(jws, key)
    return true
  } catch {
    return false
  }
}

/** A WebCrypto key names one algorithm; a mutant that passes as another is not the same key's. */
async function joseAccepts(token: string, key: CryptoKey): Promise<boolean> {
  return compactVerify(token, key, { algorithms: [...ALGORITHMS] }).then(
    () => true,
    () => false,
  )
}

function pick<Item>(items: ArrayLike<Item>, random: Random): Item {
  return items[random(items.length)] as Item
}

function spliced(text: string, at: number, remove: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + remove)
}

function withSegment(token: string, index: number, change: (bytes: Buffer) => Buffer): string {
  return token
    .split('.')
    .map((segment, at) => (at === index ? change(Buffer.from(segment, 'base64url')).toString('base64url') : segment))
    .join('.')
}

function flipBit(bytes: Buffer, random: Random): Buffer {
  const at = random(bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8))
  return bytes
}

/** mulberry32: small, fast and the same everywhere. */
function seeded(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}
