import type { Container } from 'inversify'
import { createContainer } from './app.js'

/** The API as it is reviewed: who may call what doesn't depend on who issues the tokens. */
export default function container(): Container {
  return createContainer({
    issuer: 'https://idp.example.com',
    audience: 'https://tasks.example.com',
    env: {},
    configFiles: [],
  })
}
