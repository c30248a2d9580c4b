import { expect } from 'chai'
import { Container } from 'inversify'
import { AuthConfigurationError, AuthModule, Controller, Get, KoaModule, SecurityContext } from 'inversify-koa-auth'
import { generateSigningKeyPair, TestIssuer } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { rejection } from '../keys/rejection.js'
import { expectProblem } from '../support/expect-problem.js'
import { type RunningApp, serve } from '../support/start-app.js'

@Controller('/me')
class MeController {
  @Get() get() {
    return { sub: SecurityContext.require().sub }
  }
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const hasMlDsa = major > 24 || (major === 24 && minor >= 7)

for (const algorithm of ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const) {
  describe(`a token signed with ${algorithm}`, () => {
    it('can be made where the runtime can sign it; elsewhere it is said which can', async () => {
      const made = generateSigningKeyPair(algorithm)
      if (hasMlDsa) expect((await made).algorithm).to.equal(algorithm)
      else expect((await rejection(made, TypeError)).message).to.equal(`${algorithm} needs Node.js 24.7 or later`)
    })

    const whereSupported = async () => {
      const issuer = await TestIssuer.start({ keyPair: await generateSigningKeyPair(algorithm) })
      try {
        await judgedBy(await startApp(issuer), issuer)
      } finally {
        await issuer.stop()
      }
    }
    const startApp = (issuer: TestIssuer) => {
      const container = new Container()
      container.load(
        new KoaModule({ controllers: [MeController] }),
        new AuthModule({ ...issuer.settings, env: {}, configFiles: [] }),
      )
      return serve(container.get<Koa>(Koa), container)
    }
    const judgedBy = async (app: RunningApp, issuer: TestIssuer) => {
      try {
        const token = await issuer.makeToken({ sub: 'ann' })
        for (let sight = 0; sight < 2; sight++) {
          const response = await app.get('/me', { token })
          expect(response.status).to.equal(200)
          expect(await response.json()).to.deep.equal({ sub: 'ann' })
        }
        const stranger = await issuer.makeToken({}, { key: await generateSigningKeyPair(algorithm) })
        const [header, , signature] = token.split('.')
        const claims = Buffer.from(JSON.stringify({ sub: 'eve' })).toString('base64url')
        for (const forged of [stranger, [header, claims, signature].join('.')]) {
          await expectProblem(await app.get('/me', { token: forged }), {
            status: 401,
            detail: 'Invalid token: the signature does not match',
            code: 'signature_mismatch',
            challenge: 'Bearer error="invalid_token"',
          })
        }
      } finally {
        await app.stop()
      }
    }
    const elsewhere = () => {
      const settings = { issuer: 'https://idp.example.com', audience: 'api', acceptedAlgorithms: [algorithm] }
      expect(() => new AuthModule({ ...settings, env: {}, configFiles: [] }))
        .to.throw(AuthConfigurationError)
        .with.property('message')
        .that.matches(/auth_client\.accepted_algorithms .*Node\.js 24\.7/)
    }

    it('is checked where the runtime can, and a start-up error says which one can elsewhere', async () => {
      await (hasMlDsa ? whereSupported() : elsewhere())
    })
  })
}
