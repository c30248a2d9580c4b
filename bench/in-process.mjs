/** A process that measures single validations, without HTTP around them: `node in-process.mjs JWKS-URI`. */
import 'reflect-metadata'
import { createPublicKey, verify } from 'node:crypto'
import { Container } from 'inversify'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { AuthModule, TokenValidator } from '../dist/index.js'
import { answerQuestions } from './child.mjs'
import { AUDIENCE, ISSUER } from './contract.mjs'
import { summary } from './statistics.mjs'
import { issuerKeys, storedTokens } from './tokens.mjs'

const [jwksUri] = process.argv.slice(2)

/** Microseconds per call of each contender, in batches of tokens that nobody has seen before. */
async function costs({ stored, rounds, batch }) {
  const tokens = await storedTokens(stored)
  const publicKey = createPublicKey({ key: issuerKeys().rsa.jwk, format: 'jwk' })
  const keys = createRemoteJWKSet(new URL(jwksUri))
  const expected = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['RS256'] }
  const cached = validator({})
  const uncached = validator({ tokenCacheSize: 0 })
  await Promise.all([cached.validate(tokens[0]), uncached.validate(tokens[0]), jwtVerify(tokens[0], keys, expected)])

  const contenders = {
    cryptoVerify: { prepare: taken, run: ({ data, signature }) => verify('sha256', data, publicKey, signature) },
    firstSeen: { run: (token) => cached.validate(token) },
    cacheOff: { run: (token) => uncached.validate(token) },
    cacheHit: { prepare: () => tokens[0], run: (token) => cached.validate(token) },
    jose: { run: (token) => jwtVerify(token, keys, expected) },
  }
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    const fresh = tokens.slice(1 + (round + 1) * batch, 1 + (round + 2) * batch)
    for (const [name, { prepare = (token) => token, run }] of Object.entries(contenders)) {
      const inputs = fresh.map(prepare)
      await run(prepare(tokens[0]))
      const begun = performance.now()
      for (const input of inputs) await run(input)
      if (round >= 0) times[name].push(((performance.now() - begun) * 1000) / inputs.length)
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, summary(values)]))
}

function taken(token) {
  const end = token.lastIndexOf('.')
  return { data: Buffer.from(token.slice(0, end)), signature: Buffer.from(token.slice(end + 1), 'base64url') }
}

function validator(options) {
  const container = new Container()
  const settings = { issuer: ISSUER, audience: [AUDIENCE], jwksEndpoint: jwksUri, env: {}, configFiles: [] }
  container.load(new AuthModule({ ...settings, ...options }))
  return container.get(TokenValidator)
}

answerQuestions({ ready: () => ({}), costs })
