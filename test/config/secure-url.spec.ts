import { expect } from 'chai'
import { describe, it } from 'mocha'
import { isSecureUrl } from '../../src/config/secure-url.js'

describe('a URL that keys may come from', () => {
  for (const { url, secure } of [
    { url: 'https://idp.example.com', secure: true },
    { url: 'HTTPS://idp.example.com/', secure: true },
    { url: 'https://idp.example.com:8443/realms/a', secure: true },
    { url: 'https://[2001:db8::1]/keys', secure: true },
    { url: 'http://localhost', secure: true },
    { url: 'http://LOCALHOST:8080/keys', secure: true },
    { url: 'http://127.0.0.1:80', secure: true },
    { url: 'http://127.255.255.254', secure: true },
    { url: 'http://[::1]:8080/keys', secure: true },
    { url: 'http://idp.example.com', secure: false },
    { url: 'http://localhost.example.com', secure: false },
    { url: 'http://notlocalhost', secure: false },
    { url: 'http://128.0.0.1', secure: false },
    { url: 'http://127.0.0.1.nip.test', secure: false },
    { url: 'http://[::2]', secure: false },
    { url: 'http://0.0.0.0', secure: false },
    { url: 'ws://localhost', secure: false },
    { url: 'javascript:alert(1)', secure: false },
    { url: 'https://', secure: false },
    { url: 'https:///idp.example.com', secure: false },
    { url: 'https:/idp.example.com', secure: false },
    { url: '//idp.example.com', secure: false },
    { url: 'https://user@idp.example.com', secure: false },
    { url: 'https://user:word@idp.example.com', secure: false },
    { url: 'https://:word@idp.example.com', secure: false },
    { url: 'https://idp.example.com/#', secure: false },
    { url: 'https://idp.example.com\\@evil.test', secure: false },
    { url: 'https://idp.example.com/\tkeys', secure: false },
    { url: '', secure: false },
  ]) {
    it(`${secure ? 'may' : 'must not'} be ${JSON.stringify(url)}`, () => {
      expect([isSecureUrl(url), isSecureUrl(url, { query: true })]).to.deep.equal([secure, secure])
    })
  }

  it('has a query only where one is allowed for', () => {
    for (const url of ['https://idp.example.com/keys?v=1', 'https://idp.example.com/keys?']) {
      expect([isSecureUrl(url), isSecureUrl(url, { query: true })]).to.deep.equal([false, true])
    }
  })

  for (const value of [undefined, null, 5, {}, ['https://idp.example.com'], new URL('https://idp.example.com')]) {
    it(`is a string, not ${Object.prototype.toString.call(value)}`, () => {
      expect(isSecureUrl(value)).to.equal(false)
    })
  }
})
