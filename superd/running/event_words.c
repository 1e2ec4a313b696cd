/* One row for each word; the numbers are random, and never change. */
#include "superd/running/event_words.h"

#include <string.h>

const struct event_word event_words[] = {
	{ "", "report", "45beba6f8f53a4f9c1d0d124f11032b1" },
	{ "EXIT:", "EXIT", "a93dcf5862e62a624e1610901bca962a" },
	{ "FAIL:", "FAIL", "3fd862ed2a28ab9752243ceabd486c96" },
	{ "NOID:", "NOID", "77d572701aef6945d1b7a9a9b913c68a" },
	{ "START:", "START", "e8f1d87c5e6217e2c53899da2a604c01" },
	{ "TRAFFIC:", "TRAFFIC", "b93b249fe1019feb7f50e7e1e5cd35c2" },
	{ "USERID:", "USERID", "445b77317d31c1c6338e862212b0a719" },
	{ "allow", "allow", "d6cda0a13e81b3ca5ae7963cd8455bd6" },
	{ "backoff", "backoff", "64de8d8df0cc62263c1c5f9c56ae9663" },
	{ "bound", "bound", "43811f7900f3a6a718ddec6b4f26b5e0" },
	{ "check", "check", "f6493fb18d3dfce410847f28cdcaa067" },
	{ "closed", "closed", "a8a16bde5cdef142b8537f3109b816c4" },
	{ "deny", "deny", "40ed668b61215c4cf4a07e4ac9c58254" },
	{ "discard", "discard", "f40977a3a18b499941af725e79755b37" },
	{ "drop", "drop", "beabc84caceb3e1bce12167e35a6fb6f" },
	{ "dump", "dump", "6f59c0a99a5c668d3795377bb371a500" },
	{ "error", "error", "20e99bb24cbbf5fa5a60b586a88054ba" },
	{ "exit", "exit", "deed54b02deb55f3dae4babc2b2708ee" },
	{ "ident", "ident", "eecd6476513a11c7298585ec90285cf5" },
	{ "left", "left", "156153cc5004831f2ddf6e7db67c9162" },
	{ "load", "load", "888639bd16dd2285251eece311aaa425" },
	{ "opened", "opened", "a81ecccc8ee7d9073c00bd1714ec873f" },
	{ "passed", "passed", "27e38e6c57854e06a0ed29d68ecc9e46" },
	{ "pause", "pause", "eee63ad41ef7ffa096994fb7d75f1c2b" },
	{ "ready", "ready", "32ef03394c966238f5e41ffadc822820" },
	{ "rebind", "rebind", "81026e63e71a256ec535fda0c365439f" },
	{ "refuse", "refuse", "d8cd5936623940cd053a093144600bdb" },
	{ "reload", "reload", "78561a26e3880ef88bf203f4690ffd2b" },
	{ "rpc", "rpc", "0788b65d3029f207fb5651803d9ed790" },
	{ "set", "set", "be005fa3f70f23f1161c966030991fce" },
	{ "start", "start", "d84908d9d7c5177d48581b4f1093f726" },
	{ "state", "state", "4e2b73c62100a25d429162e4d7d6cea4" },
	{ "stderr", "stderr", "4c58bc7cb9b340e00e3ac782d31a8ede" },
	{ "stop", "stop", "219d27de569ed1b20fc16e02bbfd8b0b" },
	{ "upgrade", "upgrade", "db64a486468040a3896f3745601a93b8" },
	{ "not root", "not-root", "1d89b3536f2d93758370a41828c53bf9" },
	{ "not started", "not-started", "59fddd93d872104de46ce8435a23ce6d" },
	{ NULL, "event", NULL },
};

const struct event_word *
event_word(const char *word)
{
	const struct event_word *row = event_words;

	while (row->word != NULL && strcmp(row->word, word) != 0)
		row++;
	return row;
}
