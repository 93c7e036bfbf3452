// Package handover is the sealed file in which unsent work leaves a device that
// cannot send it: it is out of order, or was revoked. Anybody may carry it;
// only the server can read it, and it believes it for the key of the device.
//
//	handover.Seal(w, recipient, deviceKey, header, actions)      // the device
//	file, err := handover.Open(r, identity, keyOf)               // the server
//	receipt := handover.Receipt{…}.Sign(serverKey)               // its answer
//
// The file is encrypted with age (https://age-encryption.org/v1) to the server's
// public key. In it, packed with gzip, are lines of JSON: the header, one action
// each, and a last one with the device's Ed25519 signature over all before it.
// A file that was cut or changed has no valid end. That a file comes twice is
// harmless, because each action has its id.
package handover
