import { createServer } from 'node:http'
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import { AUDIENCE, ISSUER, PATH, ROLES, task } from '../contract.mjs'

/** Express with Auth0's middleware. */
export function build({ jwksUri }) {
  const app = express()
  app.use(auth({ issuer: ISSUER, jwksUri, audience: AUDIENCE, tokenSigningAlg: 'RS256' }))
  app.get(PATH, requireRole, (req, res) => {
    res.json(task(req.params.id, req.auth.payload))
  })
  app.use(answerQuietly)
  return createServer(app)
}

/** Express would log every refusal. Four parameters are how it knows a handler of errors. */
function answerQuietly(error, _req, res, _next) {
  res.sendStatus(error.status ?? 500)
}

function requireRole(req, res, next) {
  if (ROLES.includes(req.auth.payload.role)) next()
  else res.sendStatus(403)
}
