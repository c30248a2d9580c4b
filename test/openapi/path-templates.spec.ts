import { expect } from 'chai'
import { describe, it } from 'mocha'
import { pathTemplates } from '../../src/openapi/path-templates.js'

describe('a path of the router, in the notation of OpenAPI', () => {
  for (const [path, ...expected] of [
    ['/', '/'],
    ['/tasks/:id', '/tasks/{id}'],
    ['/a/:"any name"/b', '/a/{any name}/b'],
    ['/files/*path', '/files/{path}'],
    ['/list{/:page}', '/list', '/list/{page}'],
    ['/a{/b{/:c}}', '/a', '/a/b', '/a/b/{c}'],
    ['/{a}{b}/x', '//x', '/b/x', '/a/x', '/ab/x'],
    ['/:from-:to', '/{from}-{to}'],
    ['/a\\:b/\\{c\\}', '/a:b/{c}'],
    ['{/:locale}/x', '/x', '/{locale}/x'],
    ['/:größe', '/{größe}'],
  ]) {
    it(`${path} is ${expected.join(' and ')}`, () => {
      expect(pathTemplates(path as string).map(({ path: template }) => template)).to.deep.equal(expected)
    })
  }

  it('knows its parameters', () => {
    expect(pathTemplates('/:id/*path').map(({ parameters }) => parameters)).to.deep.equal([
      [
        { name: 'id', isWildcard: false },
        { name: 'path', isWildcard: true },
      ],
    ])
  })
})
