import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { TOKEN_INVALID_REASONS } from '../../src/errors/token-invalid-error.js'
import { examplesOf } from '../../tools/docs/examples.js'
import { brokenLinks } from '../../tools/docs/links.js'
import { unlistedGuides } from '../../tools/docs/listed.js'
import { anchors, codeBlocks, relativeLinks } from '../../tools/docs/markdown.js'

const page = (...lines: readonly string[]) => ({ path: 'page.md', text: lines.join('\n') })

describe('the check of the documentation', () => {
  it('finds code blocks with their line, language and comment', () => {
    const { text } = page(
      'Text',
      '<!-- example: quickstart -->',
      '',
      '```ts',
      'a()',
      'b()',
      '```',
      '',
      '```sh',
      'ls',
      '```',
    )
    expect(codeBlocks(text)).to.deep.equal([
      { language: 'ts', code: 'a()\nb()', line: 5, note: 'example: quickstart' },
      { language: 'sh', code: 'ls', line: 10, note: '' },
    ])
  })

  it('keeps a fence inside a longer fence', () => {
    expect(codeBlocks('````md\n```ts\nx\n```\n````')).to.have.length(1)
  })

  it('refuses a block that is never closed', () => {
    expect(() => codeBlocks('Text\n```ts\nx')).to.throw('line 2')
  })

  it('keeps every line of an example where it stands in its page', () => {
    const { examples } = examplesOf(
      page(
        '# Page',
        '```ts',
        'a()',
        '```',
        '<!-- continues -->',
        '```ts',
        'b()',
        '```',
        '<!-- output -->',
        '```text',
        '1',
        '```',
      ),
    )
    expect(examples).to.deep.equal([{ page: 'page.md', line: 3, code: '\n\na()\n\n\n\nb()', output: '1' }])
  })

  it('starts a new example where nothing is said', () => {
    expect(examplesOf(page('```ts', 'a()', '```', '```ts', 'b()', '```')).examples).to.have.length(2)
  })

  for (const { block, says } of [
    { block: ['```typescript', 'x', '```'], says: 'marked typescript; mark it ts, so that it is compiled' },
    { block: ['<!-- continues -->', '```ts', 'x', '```'], says: 'continues nothing' },
    { block: ['<!-- output -->', '```text', 'x', '```'], says: 'an output without an example above it' },
  ]) {
    it(`reports a block that would go unchecked: ${says}`, () => {
      expect(examplesOf(page(...block)).findings.map(({ message }) => message)).to.deep.equal([says])
    })
  }

  it('finds relative links in prose only', () => {
    const { text } = page('[a](x.md#y) [b](https://z) `[c](d)`', '```md', '[e](f)', '```', '[g]: h.md')
    expect(relativeLinks(text)).to.deep.equal([
      { target: 'x.md#y', line: 1 },
      { target: 'h.md', line: 5 },
    ])
  })

  it("gives headings GitHub's anchors", () => {
    const { text } = page(
      '# `401` on everything',
      '## See [this](x.md), too',
      '## See this, too',
      '```sh',
      '# not one',
      '```',
    )
    expect([...anchors(text)]).to.deep.equal(['401-on-everything', 'see-this-too', 'see-this-too-1'])
  })

  for (const { link, broken } of [
    { link: 'package.json', broken: false },
    { link: 'no-such-file.md', broken: true },
    { link: '#here', broken: false },
    { link: '#nowhere', broken: true },
    { link: 'CONTRIBUTING.md#commits', broken: false },
    { link: 'CONTRIBUTING.md#no-such-heading', broken: true },
  ]) {
    it(`${broken ? 'reports' : 'accepts'} a link to ${link}`, () => {
      expect(brokenLinks(page('# Here', `[text](${link})`)).map(({ line }) => line)).to.deep.equal(broken ? [2] : [])
    })
  }

  it('finds guides that a list of guides leaves out', () => {
    const pages = [
      { path: 'README.md', text: '[one](docs/one.md#here)' },
      { path: 'docs/README.md', text: '[one](one.md) [two](two.md)' },
      { path: 'docs/one.md', text: '[two](two.md)' },
      { path: 'docs/two.md', text: '' },
      { path: 'docs/adr/0001-first.md', text: '' },
    ]
    expect(unlistedGuides(pages)).to.deep.equal([
      { path: 'README.md', line: 1, message: 'does not link to docs/two.md' },
    ])
  })
})

describe('the documentation', () => {
  for (const path of ['docs/faq.md', 'docs/how-a-request-travels.md']) {
    it(`has every reason for a 401 in ${path}, as users see it`, () => {
      const rows = readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('|'))
      for (const [code, reason] of Object.entries(TOKEN_INVALID_REASONS)) {
        const found = rows.filter((row) => row.includes(`\`${code}\``) && row.includes(`Invalid token: ${reason}`))
        expect(found, code).to.have.lengthOf(1)
      }
    })
  }
})
