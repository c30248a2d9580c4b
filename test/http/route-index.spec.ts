import Router from '@koa/router'
import { expect } from 'chai'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { indexRoutes } from '../../src/http/route-index.js'

const pass = () => undefined

const SEGMENTS = [
  'tasks',
  'Tasks',
  'users',
  'a.b',
  'a-b',
  'x~y',
  ':id',
  '*rest',
  't:id',
  'tasks{s}',
  '',
  'größe',
  'a\\:b',
]
const PATTERNS = fc
  .array(fc.constantFrom(...SEGMENTS), { minLength: 1, maxLength: 3 })
  .chain((segments) =>
    fc.constantFrom(`/${segments.join('/')}`, `/${segments.join('{/')}${'}'.repeat(segments.length - 1)}`),
  )
  .filter((pattern) => isPattern(pattern))
const PATHS = fc
  .array(
    fc.constantFrom(
      'tasks',
      'TASKS',
      'task',
      'taskss',
      'users',
      'a.b',
      'axb',
      'a:b',
      '',
      '1',
      '%74asks',
      'tasks%2F1',
      'größe',
      'tas\u212as',
      'ta\u017fks',
    ),
    { minLength: 0, maxLength: 4 },
  )
  .map((segments) => `/${segments.join('/')}`)
const LAYERS = fc.array(fc.tuple(fc.constantFrom('GET', 'POST', 'use', 'regexp'), PATTERNS), {
  minLength: 0,
  maxLength: 40,
})

describe('a router with an index', () => {
  for (const options of [{}, { sensitive: true }, { strict: true }]) {
    it(`finds what it finds without: ${JSON.stringify(options)}`, () => {
      fc.assert(
        fc.property(LAYERS, fc.array(PATHS, { minLength: 1, maxLength: 12 }), (layers, paths) => {
          const router = new Router(options)
          indexRoutes(router)
          add(router, layers.slice(0, 20))
          expectSame(router, paths)
          add(router, layers.slice(20))
          expectSame(router, paths)
          router.prefix('/tasks')
          expectSame(router, paths)
        }),
        { numRuns: 150 },
      )
    })
  }

  it('tries only what may match', () => {
    const router = new Router()
    indexRoutes(router)
    const tried: string[] = []
    for (let count = 0; count < 50; count++) add(router, [['GET', `/api/v1/r${count}/:id`]])
    add(router, [['GET', '/api/:any/:thing/1']])
    for (const layer of router.stack) {
      const { match } = layer
      layer.match = (path) => {
        tried.push(String(layer.path))
        return match.call(layer, path)
      }
    }
    expect(router.match('/API/v1/R7/1', 'GET').pathAndMethod.map(({ path }) => path)).to.deep.equal([
      '/api/v1/r7/:id',
      '/api/:any/:thing/1',
    ])
    expect(tried).to.deep.equal(['/api/v1/r7/:id', '/api/:any/:thing/1'])
    expect(router.match('/api/v2/other/1', 'GET').route).to.equal(true)
    expect(router.match('*', 'OPTIONS').path).to.deep.equal([])
  })

  it('leaves a router alone that matches in a way of its own', () => {
    class Own extends Router {
      override match: Router['match'] = (path, method) => super.match(path.toLowerCase(), method)
    }
    const router = new Own()
    const { match } = router
    indexRoutes(router)
    expect(router.match).to.equal(match)
  })
})

function add(router: Router, layers: readonly (readonly [string, string])[]): void {
  for (const [kind, path] of layers) {
    if (kind === 'use') router.use(path, pass)
    else if (kind === 'regexp') router.get(/^\/(tasks|users)/, pass)
    else router.register(path, [kind], pass)
  }
}

function expectSame(router: Router, paths: readonly string[]): void {
  for (const path of paths) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      const { path: found, pathAndMethod, route } = router.match(path, method)
      const plain = Router.prototype.match.call(router, path, method)
      expect(route).to.equal(plain.route)
      expect(found.map((layer) => router.stack.indexOf(layer))).to.deep.equal(
        plain.path.map((layer) => router.stack.indexOf(layer)),
      )
      expect(pathAndMethod).to.have.length(plain.pathAndMethod.length)
      for (const [position, layer] of pathAndMethod.entries()) expect(layer).to.equal(plain.pathAndMethod[position])
    }
  }
}

function isPattern(pattern: string): boolean {
  try {
    new Router().register(pattern, ['GET'], pass)
    return true
  } catch {
    return false
  }
}
