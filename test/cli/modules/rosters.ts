import 'reflect-metadata'
import { Container } from 'inversify'
import { AuthModule, KoaModule, type RoleResolver } from 'inversify-koa-auth'

/** Everybody's roles stand in a roster, whatever a token says. */
const roster: RoleResolver = {
  resolve: async ({ sub }) => {
    if (sub !== 'ann') throw new Error(`the roster has no ${sub}`)
    return ['clerk']
  },
}

export function createContainer(): Container {
  const container = new Container()
  const settings = { issuer: 'https://idp.test', audience: 'rosters', env: {}, configFiles: [] }
  container.load(new KoaModule(), new AuthModule({ ...settings, roleResolver: roster }))
  return container
}
