import { EventEmitter, once } from 'node:events'
import { PassThrough, pipeline, Transform } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { SecurityContext } from 'inversify-koa-auth'
import { runAs } from 'inversify-koa-auth/testing'
import { describe, it } from 'mocha'

const sub = (): string => SecurityContext.get()?.sub ?? 'nobody'

describe('a callback bound to its caller', () => {
  it('is told apart from others in one emitter that two parallel callers listen to', async () => {
    const emitter = new EventEmitter()
    const seen: string[] = []
    const subscribe = (caller: string, ms: number) =>
      runAs({ sub: caller }, async () => {
        await wait(ms)
        emitter.on(
          'changed',
          SecurityContext.bind((by: string) => seen.push(`${caller}: ${sub()}, ${by}`)),
        )
        await wait(4 - ms)
      })
    await Promise.all([subscribe('ann', 1), subscribe('bob', 2)])
    emitter.emit('changed', sub())
    runAs({ sub: 'eve' }, () => emitter.emit('changed', sub()))
    expect(seen).to.deep.equal(['ann: ann, nobody', 'bob: bob, nobody', 'ann: ann, eve', 'bob: bob, eve'])
  })

  it('has this of the emitter, and can be taken off it again', () => {
    const emitter = new EventEmitter()
    const seen: unknown[] = []
    const listener = runAs({ sub: 'ann' }, () =>
      SecurityContext.bind(function (this: unknown) {
        seen.push(this === emitter, sub())
      }),
    )
    emitter.on('changed', listener)
    emitter.emit('changed')
    emitter.off('changed', listener)
    emitter.emit('changed')
    expect(seen).to.deep.equal([true, 'ann'])
  })

  it('keeps the caller in a timer that somebody else sets', async () => {
    const callbacks = ['ann', 'bob'].map((caller) => runAs({ sub: caller }, () => SecurityContext.bind(sub)))
    const seen = await runAs({ sub: 'eve' }, () =>
      Promise.all(
        [...callbacks, sub].map(
          (callback, i) => new Promise<string>((resolve) => setTimeout(() => resolve(callback()), 3 - i)),
        ),
      ),
    )
    expect(seen).to.deep.equal(['ann', 'bob', 'eve'])
  })

  it('keeps the caller in what its timers and promises start', async () => {
    const bound = runAs({ sub: 'ann' }, () =>
      SecurityContext.bind(async () => {
        await wait(1)
        return new Promise<string>((resolve) => setTimeout(() => resolve(sub()), 1))
      }),
    )
    expect(await runAs({ sub: 'bob' }, bound)).to.equal('ann')
    expect(sub()).to.equal('nobody')
  })

  it('keeps the caller in a stream that somebody else feeds', async () => {
    const source = new PassThrough()
    const sink = runAs({ sub: 'ann' }, () => {
      const transform = SecurityContext.bind((chunk: Buffer, _encoding: string, done: (e: null, out: string) => void) =>
        done(null, `${chunk} for ${sub()};`),
      )
      return pipeline(source, new Transform({ transform }), () => undefined)
    })
    const chunks: string[] = []
    sink.on('data', (chunk) => chunks.push(`${chunk}`))
    const ended = once(sink, 'end')
    for (const feeder of ['bob', 'eve']) runAs({ sub: feeder }, () => source.write(`written by ${sub()}`))
    source.end()
    await ended
    expect(chunks.join('')).to.equal('written by bob for ann;written by eve for ann;')
  })

  it('keeps the types of its arguments and of its result', () => {
    const bound: (count: number, ...names: string[]) => string = SecurityContext.bind(
      (count: number, ...names: string[]) => `${count} ${names.join()} ${sub()}`,
    )
    expect(bound(2, 'a', 'b')).to.equal('2 a,b nobody')
    // @ts-expect-error a text is no count
    expect(bound('2')).to.equal('2  nobody')
  })

  it('has no caller where it was bound without one', async () => {
    const bound = SecurityContext.bind(async () => [sub(), await wait(1).then(sub)])
    expect(await runAs({ sub: 'ann' }, bound)).to.deep.equal(['nobody', 'nobody'])
  })
})
