"""Service Quotas: moto knows those of VPC only."""

from typing import Any

from moto.servicequotas.models import ServiceQuotasBackend

from tests.emulator.differences import Replacement, difference

#: EC2's, as a new account has them: elastic IP addresses, vCPUs of standard instances on demand and spot.
EC2 = {"L-0263D0A3": 5.0, "L-1216C47A": 5.0, "L-34B43A08": 5.0}


@difference(ServiceQuotasBackend, "get_service_quota", "moto has the quotas of VPC only")
def with_ec2(original: Replacement, backend: Any, service_code: str, quota_code: str) -> Any:
    """Answers for EC2, too."""
    if service_code == "ec2" and quota_code in EC2:
        return {"ServiceCode": service_code, "QuotaCode": quota_code, "Value": EC2[quota_code], "Adjustable": True}
    return original(backend, service_code, quota_code)
