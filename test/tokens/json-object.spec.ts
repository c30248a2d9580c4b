import { expect } from 'chai'
import { describe, it } from 'mocha'
import { jsonObject } from '../../src/tokens/json-object.js'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('a JSON object', () => {
  for (const text of [
    '{}',
    ' {\n"a" : 1 }\t',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"a":"\\"b\\":1","c\\\\":"\\\\"}',
    '{"a":": \\"a\\":","b":["a","a","a:"]}',
    '{"\\u0061":1,"b":2}',
    '{"é":"😀","":null}',
    '{"a":1,"A":2}',
    '{ "a": "b", "c": ["d", null, true], "e": {"f": null} }',
    '{"a":[[[]]],"b":[{}],"c":-1.5e3}',
    '{"constructor":{"prototype":1},"toString":2,"1":3,"0":4}',
  ]) {
    it(`is read as JSON.parse reads it: ${JSON.stringify(text)}`, () => {
      expect(jsonObject(bytes(text))).to.deep.equal(JSON.parse(text))
    })
  }

  for (const { what, text } of [
    { what: 'nothing', text: '' },
    { what: 'an array', text: '[{"a":1}]' },
    { what: 'null', text: 'null' },
    { what: 'a string', text: '"{}"' },
    { what: 'a number', text: '1' },
    { what: 'broken JSON', text: '{"a":1' },
    { what: 'two objects', text: '{}{}' },
    { what: 'single quotes', text: "{'a':1}" },
    { what: 'a trailing comma', text: '{"a":1,}' },
    { what: 'a comment', text: '{"a":1/*"b":2*/}' },
    { what: 'a name twice', text: '{"a":1,"a":1}' },
    { what: 'a name twice, with spaces', text: '{"a" :1,"a"\n:2}' },
    { what: 'a name twice, once escaped', text: '{"a":1,"\\u0061":2}' },
    { what: 'a name twice, escaped in two ways', text: '{"\\u00e9":1,"\\u00E9":2}' },
    { what: 'a quote twice, escaped in two ways', text: '{"\\"":1,"\\u0022":2}' },
    { what: 'a name twice further in', text: '{"a":{"b":[{"c":1,"c":2}]}}' },
    { what: 'a name three times', text: '{"a":1,"a":2,"a":3,"b":4}' },
    { what: 'an object as one value of a name that is there twice', text: '{"a":{"x":1,"y":2},"a":1}' },
    { what: '__proto__ twice', text: '{"__proto__":1,"__proto__":2}' },
  ]) {
    it(`is not ${what}`, () => {
      expect(jsonObject(bytes(text))).to.equal(undefined)
    })
  }

  for (const { what, nest } of [
    { what: 'objects', nest: (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}` },
    { what: 'arrays', nest: (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}` },
    {
      what: 'members side by side',
      nest: (levels: number) => `{"x":1,"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`,
    },
  ]) {
    it(`nests 64 levels of ${what}, no more`, () => {
      expect(jsonObject(bytes(nest(64)))).to.deep.equal(JSON.parse(nest(64)))
      expect(jsonObject(bytes(nest(65)))).to.equal(undefined)
      expect(jsonObject(bytes(nest(100_000)))).to.equal(undefined)
    })
  }

  for (const { what, raw } of [
    { what: 'a byte order mark', raw: [0xef, 0xbb, 0xbf, ...bytes('{}')] },
    { what: 'a byte that is not UTF-8', raw: [...bytes('{"a":"'), 0xff, ...bytes('"}')] },
    { what: 'an overlong slash', raw: [...bytes('{"a":"'), 0xc0, 0xaf, ...bytes('"}')] },
    { what: 'half a surrogate pair', raw: [...bytes('{"a":"'), 0xed, 0xa0, 0x80, ...bytes('"}')] },
    { what: 'a character that is cut off', raw: [...bytes('{"a":"'), 0xf0, 0x9f, 0x98, ...bytes('"}')] },
    { what: 'UTF-16', raw: [...Buffer.from('{}', 'utf16le')] },
  ]) {
    it(`has no ${what}`, () => {
      expect(jsonObject(Uint8Array.from(raw))).to.equal(undefined)
    })
  }

  it('keeps __proto__ as a member like any other', () => {
    const object = jsonObject(bytes('{"__proto__":{"role":"admin"}}')) ?? {}
    expect(Object.keys(object)).to.deep.equal(['__proto__'])
    expect(Object.getPrototypeOf(object)).to.equal(Object.prototype)
    expect(object['role']).to.equal(undefined)
  })

  it('nested too deep to be looked through is none', () => {
    expect(jsonObject(bytes(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`))).to.equal(undefined)
  })

  it('is read in one pass, however many quotes it holds', () => {
    const value = '\\"'.repeat(500_000)
    expect(jsonObject(bytes(JSON.stringify({ a: value })))).to.deep.equal({ a: value })
  })
})
