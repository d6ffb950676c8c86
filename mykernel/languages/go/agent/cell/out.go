package cell

import (
	"hash/crc32"
	"os"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Where bytes lie that are taken as they are: enough for the values of all types.
const alignment = 16

// out is a file that is written, with a checksum at its end.
type out struct {
	file    *os.File
	path    string
	buffer  []byte
	written int // before what is in the buffer
	sum     uint32
	err     error
}

func (o *out) create(path string) {
	o.path = path
	o.file, o.err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	o.buffer = make([]byte, 0, 1<<10) // it grows, but most values are small
}

// number writes seven bits a byte, the lowest first, with the highest bit set where more follow. What
// encoding/binary has for that would be linked into every cell with all that it can do.
func (o *out) number(n uint64) {
	for ; n >= 0x80; n >>= 7 {
		o.buffer = append(o.buffer, byte(n)|0x80)
	}
	o.buffer = append(o.buffer, byte(n))
	if len(o.buffer) >= 1<<16 {
		o.flush()
	}
}

func (o *out) text(s string) {
	o.number(uint64(len(s)))
	o.bytes([]byte(s))
}

func (o *out) bytes(data []byte) {
	if len(data) >= 1<<15 {
		o.flush()
		o.put(data)
		return
	}
	o.buffer = append(o.buffer, data...)
	if len(o.buffer) >= 1<<16 {
		o.flush()
	}
}

func (o *out) align() {
	for (o.written+len(o.buffer))%alignment != 0 {
		o.buffer = append(o.buffer, 0)
	}
}

func (o *out) flush() {
	o.put(o.buffer)
	o.buffer = o.buffer[:0]
}

func (o *out) put(data []byte) {
	if o.err == nil {
		o.sum = crc32.Update(o.sum, castagnoli, data)
		_, o.err = o.file.Write(data)
		o.written += len(data)
	}
}

// close the file. One that could not be written whole is removed.
func (o *out) close() error {
	o.flush()
	o.put(fourBytes(o.sum))
	if o.err != nil {
		o.discard()
		return o.err
	}
	return o.file.Close()
}

func (o *out) discard() {
	if o.file != nil {
		o.file.Close()
		os.Remove(o.path)
	}
}

// fourBytes of a number, the lowest first.
func fourBytes(n uint32) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)} }
