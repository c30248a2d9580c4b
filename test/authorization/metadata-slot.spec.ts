import { expect } from 'chai'
import { describe, it } from 'mocha'
import { metadataSlot } from '../../src/authorization/metadata-slot.js'

const slot = metadataSlot<string>('test-slot')

describe('a metadata slot', () => {
  it('keeps what stands on a class apart from what stands on its members, and from what its parents have', () => {
    class Parent {
      act() {}
    }
    class Child extends Parent {}
    slot.write(() => 'class', Parent.prototype)
    slot.write(() => 'member', Parent.prototype, 'act')
    expect(slot.read(Parent.prototype)).to.equal('class')
    expect(slot.read(Parent.prototype, 'act')).to.equal('member')
    expect([...slot.ofMembers(Parent.prototype)]).to.deep.equal([['act', 'member']])
    expect(slot.read(Child.prototype)).to.equal(undefined)
    expect(slot.read(Child.prototype, 'act')).to.equal(undefined)
    expect([...slot.ofMembers(Child.prototype)]).to.deep.equal([])
  })

  it('makes what it holds of what it held before', () => {
    class Tasks {}
    for (const word of ['one', 'two']) slot.write((before = 'none') => `${before}, ${word}`, Tasks.prototype)
    expect(slot.read(Tasks.prototype)).to.equal('none, one, two')
  })

  it('holds nothing of what somebody has put into Object.prototype', () => {
    class Tasks {
      act() {}
    }
    slot.write(() => 'member', Tasks.prototype, 'act')
    const pollution = { ofClass: 'polluted', ofMembers: new Map([['act', 'polluted']]) }
    Object.assign(Object.prototype, pollution)
    try {
      expect(slot.read(Tasks.prototype)).to.equal(undefined)
      expect(slot.read(Tasks.prototype, 'act')).to.equal('member')
      expect(slot.read(class {}.prototype)).to.equal(undefined)
      expect(slot.read(class {}.prototype, 'act')).to.equal(undefined)
    } finally {
      for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name)
    }
  })
})
