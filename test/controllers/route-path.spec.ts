import Router from '@koa/router'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { joinPath, pathShape } from '../../src/controllers/route-path.js'

describe('a path', () => {
  for (const { prefix, path, joined } of [
    { prefix: '/tasks', path: '/:id', joined: '/tasks/:id' },
    { prefix: 'tasks', path: ':id', joined: '/tasks/:id' },
    { prefix: '/tasks/', path: '/', joined: '/tasks' },
    { prefix: '/tasks', path: '', joined: '/tasks' },
    { prefix: '/', path: '/', joined: '/' },
    { prefix: '', path: '', joined: '/' },
    { prefix: '/', path: '/health', joined: '/health' },
    { prefix: '', path: 'health', joined: '/health' },
    { prefix: '//api//', path: '//tasks//', joined: '/api/tasks' },
    { prefix: '/a/b', path: '/c/d/', joined: '/a/b/c/d' },
    { prefix: '/orgs/:org', path: '/tasks/*rest', joined: '/orgs/:org/tasks/*rest' },
    { prefix: '/list', path: '{/:page}', joined: '/list{/:page}' },
    { prefix: '{/:language}', path: '/list', joined: '{/:language}/list' },
  ]) {
    it(`of ${JSON.stringify(prefix)} and ${JSON.stringify(path)} is ${joined}`, () => {
      expect(joinPath(prefix, path)).to.equal(joined)
    })
  }

  const matches = (path: string, url: string) => new Router().get(path, () => undefined).match(url, 'GET').route

  for (const { prefix, path, urls } of [
    { prefix: '/list', path: '{/:page}', urls: ['/list', '/list/2'] },
    { prefix: '{/:language}', path: '/list', urls: ['/list', '/en/list'] },
    { prefix: '/files', path: '/*path', urls: ['/files/a', '/files/a/b'] },
    { prefix: '/', path: '/', urls: ['/'] },
  ]) {
    for (const url of urls) {
      it(`of ${prefix} and ${path} matches ${url}`, () => {
        expect(matches(joinPath(prefix, path), url)).to.equal(true)
      })
    }
  }
})

describe('two paths', () => {
  for (const { one, other, alike } of [
    { one: '/tasks/:id', other: '/tasks/:id', alike: true },
    { one: '/tasks/:id', other: '/tasks/:name', alike: true },
    { one: '/tasks/:id', other: '/Tasks/:ID', alike: true },
    { one: '/tasks/:id', other: '/tasks/:"the id"', alike: true },
    { one: '/tasks/:größe', other: '/tasks/:id', alike: true },
    { one: '/tasks/:$id', other: '/tasks/:_id2', alike: true },
    { one: '/files/*path', other: '/files/*rest', alike: true },
    { one: '/list{/:page}', other: '/list{/:number}', alike: true },
    { one: '/a/:b-:c', other: '/a/:d-:e', alike: true },
    { one: '/tasks/:id', other: '/tasks/me', alike: false },
    { one: '/tasks/:id', other: '/tasks/*id', alike: false },
    { one: '/tasks/:id', other: '/tasks/:id/notes', alike: false },
    { one: '/tasks/:id', other: '/orders/:id', alike: false },
    { one: '/list{/:page}', other: '/list/:page', alike: false },
    { one: '/tasks/:id\\:archive', other: '/tasks/:id\\:archive', alike: true },
    { one: '/tasks/:id\\:archive', other: '/tasks/:id\\:restore', alike: false },
    { one: '/glob/\\*a', other: '/glob/\\*b', alike: false },
  ]) {
    it(`${one} and ${other} ${alike ? 'shadow one another' : 'are different'}`, () => {
      expect(pathShape(one) === pathShape(other)).to.equal(alike)
    })
  }
})
