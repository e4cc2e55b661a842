export { peerPython } from '../../bin/local/peer-python.ts';
