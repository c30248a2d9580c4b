import fastifyJwt from '@fastify/jwt'
import fastify from 'fastify'
import buildGetJwks from 'get-jwks'
import { AUDIENCE, ISSUER, PATH, ROLES, task } from '../contract.mjs'

/** Fastify with its JWT plugin, the plugin's token cache on, and get-jwks as the plugin documents it. */
export async function build({ jwksUri }) {
  const { origin, pathname } = new URL(jwksUri)
  const getJwks = buildGetJwks({ jwksPath: pathname })
  const app = fastify()
  await app.register(fastifyJwt, {
    decode: { complete: true },
    secret: (_request, { header: { kid, alg } }) => getJwks.getPublicKey({ kid, alg, domain: origin }),
    verify: { cache: true, algorithms: ['RS256'], allowedIss: ISSUER, allowedAud: AUDIENCE },
  })
  app.addHook('onRequest', async (request) => {
    await request.jwtVerify()
  })
  app.get(PATH, { preHandler: requireRole }, async (request) => task(request.params.id, request.user))
  await app.ready()
  return app.server
}

async function requireRole(request, reply) {
  if (!ROLES.includes(request.user.role)) return reply.code(403).send({ error: 'Forbidden' })
}
