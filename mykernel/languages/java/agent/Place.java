package mykernel;

/** A place in a cell. offset: in UTF-16 units, from 0. */
record Place(Cell cell, int offset) {}
