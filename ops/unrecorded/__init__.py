"""What exists in AWS and no state knows: what an apply leaves behind that was killed, or interrupted within a call.

Terraform records an object when the call that creates it has returned, and with a state in S3 up to 20 seconds later.
What was created until then is found by its tag `Address`; what cannot carry tags is found by its parent.
"""

from ops.unrecorded.account import Client, Clients
from ops.unrecorded.finding import Found, Unrecorded
from ops.unrecorded.recorded import Recorded
from ops.unrecorded.survey import find_unrecorded

__all__ = ["Client", "Clients", "Found", "Recorded", "Unrecorded", "find_unrecorded"]
