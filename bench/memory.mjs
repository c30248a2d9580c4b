/** A process that validates more and more distinct tokens and says what that leaves behind. */
import 'reflect-metadata'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Container } from 'inversify'
import { AuthModule, TokenValidator } from '../dist/index.js'
import { answerQuestions } from './child.mjs'
import { AUDIENCE, ISSUER } from './contract.mjs'
import { claims, issuerKeys, signed, subject, tokenFile } from './tokens.mjs'

const AT_ONCE = 64

const [jwksUri] = process.argv.slice(2)
const container = new Container()
container.load(
  new AuthModule({
    issuer: ISSUER,
    audience: [AUDIENCE],
    jwksEndpoint: jwksUri,
    acceptedAlgorithms: ['RS256', 'EdDSA'],
    env: {},
    configFiles: [],
  }),
)
const validator = container.get(TokenValidator)

/** Memory, in bytes, after each of the counts. RS256 tokens come from disk; when those are used up, Ed25519 is
 * quick enough to sign a million on the spot. */
async function growth({ counts, stored }) {
  const source = distinctTokens(stored)
  const measured = []
  let seen = 0
  for (const count of counts) {
    const begun = performance.now()
    await validateNext(source, count - seen)
    seen = count
    measured.push({ count, seconds: (performance.now() - begun) / 1000, ...(await settled()) })
  }
  await source.return()
  return measured
}

async function validateNext(source, count) {
  for (let done = 0; done < count; done += AT_ONCE) {
    const batch = []
    while (batch.length < Math.min(AT_ONCE, count - done)) batch.push((await source.next()).value)
    await Promise.all(batch.map((token) => validator.validate(token)))
  }
}

async function* distinctTokens(stored) {
  yield* createInterface({ input: createReadStream(tokenFile(stored)) })
  const { ed25519 } = issuerKeys()
  for (let number = 0; ; number++) yield signed(claims(subject(number)), ed25519)
}

async function settled() {
  for (let pass = 0; pass < 5; pass++) {
    global.gc()
    await sleep(50)
  }
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed }
}

answerQuestions({ ready: () => ({}), growth })
